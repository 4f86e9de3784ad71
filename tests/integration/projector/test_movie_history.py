"""What happened to a film is read from its own subject, newest first."""

import pytest
from tests.integration.projector.scenes import Asker, Stream
from tests.unit.metarr_projector.histories import missing_of

from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.events import MovieAdded, MovieRemoved
from metarr_contracts.movie import ExternalIds
from metarr_contracts.readmodels import MovieFact, MovieHistory, MovieHistoryQuery
from metarr_contracts.registry import type_of

NEW = {"year": 1999, "missing": missing_of(set())}
pytestmark = pytest.mark.usefixtures("projecting")


def _added(title: str) -> MovieAdded:
    return MovieAdded.model_validate({"movie_id": 1, "title": title, "ids": {}, "request": "r", **NEW})


async def test_a_film_without_a_story_is_not_there(ask: Asker) -> None:
    """404, as for every question on a film that never was."""
    with pytest.raises(RefusedError, match="Movie not found") as refused:
        await ask("movie.history", MovieHistory, MovieHistoryQuery(movie_id=1))
    assert refused.value.status == 404


async def test_newest_first_a_page_at_a_time(ask: Asker, stream: Stream) -> None:
    """Given six events of the film among those of others, pages of two hold all of them, each once."""
    told = []
    for number in range(6):
        told.append(await stream.movie(1, _added(f"Title {number}")))
        await stream.movie(2, _added("Another film"))
    found: list[MovieFact] = []
    before = None
    for page_number in range(3):
        query = MovieHistoryQuery(movie_id=1, limit=2, before=before)
        page = await ask("movie.history", MovieHistory, query)
        found += page.events
        assert (page.next_before is None) == (page_number == 2)
        before = page.next_before
    assert [fact.seq for fact in found] == told[::-1]
    assert found[0].data["title"] == "Title 5"
    assert found[0].type == type_of(_added(""))


async def test_a_film_that_was_removed_still_has_its_story(ask: Asker, stream: Stream) -> None:
    """Who looks for what became of a film finds it."""
    await stream.movie(1, _added("Gone"))
    gone = await stream.movie(1, MovieRemoved(movie_id=1, ids=ExternalIds(), completeness=0))
    page = await ask("movie.history", MovieHistory, MovieHistoryQuery(movie_id=1, after=gone))
    assert page.events[0].seq == gone
    assert page.events[0].type == "metarr.movie.removed.v1"


async def test_what_this_version_does_not_know(ask: Asker, stream: Stream) -> None:
    """An event of a newer version is shown; what is no event at all is left out."""
    newer = {"ce-id": "n", "ce-type": "metarr.movie.dreamt.v7", "ce-source": "/x", "ce-time": "2025-01-01T00:00:00Z"}
    seq = await stream.raw(subjects.movie_event(1), b'{"colour":"red"}', newer)
    await stream.raw(subjects.movie_event(1), b"no event")
    page = await ask("movie.history", MovieHistory, MovieHistoryQuery(movie_id=1))
    assert [(fact.seq, fact.type, fact.data) for fact in page.events] == [
        (seq, "metarr.movie.dreamt.v7", {"colour": "red"})
    ]
