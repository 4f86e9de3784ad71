"""The list of films: every order, filter and search, page by page."""

import itertools
from collections.abc import Callable
from typing import Any, get_args

import pytest
from tests.integration.projector.scenes import Asker, Stream
from tests.unit.metarr_projector.histories import START, missing_of

from metarr_contracts import events
from metarr_contracts.movie import Candidate, Completeness, ExternalIds, ProviderOutcome
from metarr_contracts.readmodels import MovieListQuery, MoviePage, MovieSummary, SortKey, SortOrder
from metarr_projector.titles import sort_title

pytestmark = pytest.mark.usefixtures("projecting")


def _is_titled(film: MovieSummary) -> bool:
    return film.title not in (film.imdb_id, f"TMDB {film.tmdb_id}", "Untitled")


KEYS: dict[SortKey, Callable[[MovieSummary], Any]] = {
    "id": lambda film: film.id,
    "title": lambda film: sort_title(film.title) if _is_titled(film) else None,
    "year": lambda film: film.year,
    "completeness": lambda film: film.completeness,
    "lastEnriched": lambda film: film.last_enriched,
    "added": lambda film: film.added_at,
}


async def _all(ask: Asker, **query: Any) -> list[MovieSummary]:
    """All pages of a query, one after the other."""
    films: list[MovieSummary] = []
    cursor = None
    while True:
        page = await ask("movie.list", MoviePage, MovieListQuery(cursor=cursor, **query))
        films += page.movies
        cursor = page.next_cursor
        if cursor is None:
            assert len(films) == page.total
            return films


async def test_every_order_is_whole_and_stable(ask: Asker, stream: Stream) -> None:
    """Many films share a value and some have none: pages hold each film once, ties by id, films without value last."""
    last = await stream.tell_history(400)
    everything = await ask("movie.list", MoviePage, MovieListQuery(after=last, limit=200, sort="id"))
    assert everything.next_cursor is None
    for sort, order in itertools.product(get_args(SortKey), get_args(SortOrder)):
        films = await _all(ask, sort=sort, order=order, limit=7)
        key = KEYS[sort]
        expected = sorted(
            (film for film in everything.movies if key(film) is not None),
            key=lambda film: (key(film), film.id),  # called before the loop goes on
            reverse=order == "desc",
        ) + sorted(
            (film for film in everything.movies if key(film) is None),
            key=lambda film: film.id,
            reverse=order == "desc",
        )
        assert [film.id for film in films] == [film.id for film in expected], (sort, order)


async def _add(stream: Stream, movie_id: int, title: str | None, completeness: int, **changes: Any) -> int:
    ids = ExternalIds(tmdb=None if changes.get("candidates") else movie_id)
    added = events.MovieAdded(
        movie_id=movie_id, title=title, year=1999, ids=ids, request="r", missing=missing_of(set())
    )
    await stream.movie(movie_id, added)
    if candidates := changes.get("candidates"):
        await stream.movie(movie_id, events.CandidatesFound(movie_id=movie_id, job_id=movie_id, candidates=candidates))
    enriched = events.MovieEnriched(
        movie_id=movie_id,
        job_id=movie_id,
        started_at=START,
        completed_at=START,
        partial=False,
        changed={},
        providers=changes.get("providers", ()),
        completeness=Completeness(before=0, after=completeness),
        missing=changes.get("missing", ()),
    )
    return await stream.movie(movie_id, enriched)


async def _ids(ask: Asker, **query: Any) -> list[int]:
    return [film.id for film in await _all(ask, sort="id", **query)]


async def test_filters(ask: Asker, stream: Stream) -> None:
    """Bands meet at 60 and 90; limited, unidentified and missing fields are what they say."""
    await _add(stream, 1, "Ran", 59, missing=missing_of(set()))
    await _add(stream, 2, "Ran", 60, providers=(ProviderOutcome(name="omdb", outcome="throttled"),))
    await _add(stream, 3, "Ran", 89, candidates=(Candidate(tmdb_id=7, title="Ran"),))
    last = await _add(stream, 4, "Ran", 90, missing=missing_of({"plot"}))
    await ask("movie.list", MoviePage, MovieListQuery(after=last))
    assert await _ids(ask) == [1, 2, 3, 4]
    assert await _ids(ask, filter="unenriched") == [1]
    assert await _ids(ask, filter="partial") == [2, 3]
    assert await _ids(ask, filter="enriched") == [4]
    assert await _ids(ask, filter="incomplete") == [1, 2, 3]
    assert await _ids(ask, filter="limited") == [2]
    assert await _ids(ask, filter="unidentified") == [3]
    assert await _ids(ask, missing="plot") == [1]
    assert await _ids(ask, missing="tagline") == [1, 4]
    assert await _ids(ask, missing="tagline", filter="enriched", limit=1) == [4]


async def test_search_by_beginnings_of_words(ask: Asker, stream: Stream) -> None:
    """Each word typed begins a word of the title, whatever its case, accents and place."""
    titles = ["The Matrix", "The Matrix Reloaded", "Amélie", "L'Été", "七人の侍", "O'Brien's & Sons", "8½"]
    last = [await _add(stream, movie_id, title, 50) for movie_id, title in enumerate(titles, 1)][-1]
    await ask("movie.list", MoviePage, MovieListQuery(after=last))
    assert await _ids(ask, search="matr") == [1, 2]
    assert await _ids(ask, search="RELO the") == [2]
    assert await _ids(ask, search="amelie") == [3]
    assert await _ids(ask, search="AMÉ") == [3]
    assert await _ids(ask, search="七人") == [5]
    assert await _ids(ask, search="obriens and so") == [6]
    assert await _ids(ask, search="atrix") == []
    assert await _ids(ask, search="' & | ! :* \\") == [6]
    assert await _ids(ask, search="''") == []
    assert await _ids(ask, search=" ") == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("chosen", ["all", "partial"])
async def test_a_search_finds_the_same_films_page_by_page_however_many_they_are(
    ask: Asker, stream: Stream, chosen: Any
) -> None:
    """Many hits, with small pages, are met in the order of the films; few, or with one page of all, are looked up."""
    titles = ["The Third Man", "Ran", "The Matrix", None, "Manhattan and the Man", "The Thing", "Man"]
    last = [await _add(stream, movie_id, title, 55 + movie_id) for movie_id, title in enumerate(titles, 1)][-1]
    await ask("movie.list", MoviePage, MovieListQuery(after=last))
    for search, sort, order in itertools.product(["th", "man", "t m"], get_args(SortKey), get_args(SortOrder)):
        query = {"search": search, "sort": sort, "order": order, "filter": chosen}
        assert await _all(ask, limit=1, **query) == await _all(ask, limit=200, **query), query


async def test_totals_follow_each_event(ask: Asker, stream: Stream) -> None:
    """Given totals that were asked for before, then each event counts in the next answer to whoever waits for it."""
    for movie_id in range(1, 5):
        last = await _add(stream, movie_id, f"Film {movie_id}", 50, missing=missing_of({"plot"}))
        queries: list[dict[str, Any]] = [{}, {"missing": "tagline"}, {"search": "film"}, {"filter": "unenriched"}]
        for query in queries * 2:
            page = await ask("movie.list", MoviePage, MovieListQuery(after=last, **query))
            assert page.total == movie_id, query


async def test_film_that_moves_between_pages(ask: Asker, stream: Stream) -> None:
    """A cursor is a place in the order: a film that leaves or comes does not shift the pages."""
    last = [await _add(stream, movie_id, f"Film {movie_id}", 50) for movie_id in range(1, 8)][-1]
    first = await ask("movie.list", MoviePage, MovieListQuery(after=last, limit=3))
    assert [film.id for film in first.movies] == [1, 2, 3]
    await stream.movie(2, events.MovieRemoved(movie_id=2, ids=ExternalIds(), completeness=50))
    last = await stream.movie(3, events.MovieRemoved(movie_id=3, ids=ExternalIds(), completeness=50))
    second = await ask("movie.list", MoviePage, MovieListQuery(limit=3, cursor=first.next_cursor, after=last))
    assert [film.id for film in second.movies] == [4, 5, 6]
    assert second.total == 5
