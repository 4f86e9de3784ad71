"""What the projector says after a commit: notes for who watches, dead letters for what cannot be read."""

import asyncio
import json

import pytest
from tests.integration.projector.scenes import PATIENCE_SECONDS, Asker, Notes, Projector, Rows, Stream
from tests.unit.metarr_projector.histories import START

from metarr_chassis.bus import Bus, RawMessage
from metarr_contracts import events, subjects
from metarr_contracts.envelope import Envelope
from metarr_contracts.movie import Completeness, ExternalIds
from metarr_contracts.readmodels import LibraryStats, MovieDetails, MovieQuery, MovieStatus, Query
from metarr_contracts.streams import DEAD
from metarr_contracts.websocket import EnrichmentComplete, EnrichmentFailedNote

ADDED = events.MovieAdded(movie_id=1, title="Ran", year=1985, ids=ExternalIds(tmdb=1), request="r", missing=())


def _enriched(job_id: int) -> events.MovieEnriched:
    return events.MovieEnriched(
        movie_id=1,
        job_id=job_id,
        started_at=START,
        completed_at=START,
        partial=False,
        changed={},
        providers=(),
        completeness=Completeness(before=0, after=0),
        missing=(),
    )


async def _dead_letters(bus: Bus, count: int) -> list[RawMessage]:
    """The first dead letters, as soon as there are so many."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await bus.stream_state(DEAD)).last_seq < count:
            await asyncio.sleep(0.02)
    found = [await bus.message(DEAD, seq) for seq in range(1, count + 1)]
    return [letter for letter in found if letter is not None]


@pytest.mark.usefixtures("projecting")
async def test_note_comes_after_its_rows(stream: Stream, ask: Asker, notes: Notes) -> None:
    """Whoever refetches on a note sees at least what it said."""
    await stream.movie(1, ADDED)
    for job_id in range(1, 40):
        seq = await stream.movie(1, _enriched(job_id))
        await notes.until([seq])
        status = await ask("movie.status", MovieStatus, MovieQuery(movie_id=1))
        assert status.last_job is not None
        assert status.last_job.job_id == job_id
    assert notes.frames[0] == EnrichmentComplete(
        movie_id=1, job_id=1, seq=2, completeness=0, partial=False, rate_limited_providers=()
    )
    assert notes.seqs == list(range(2, 41))


@pytest.mark.usefixtures("projecting")
async def test_rejected_command_is_told(stream: Stream, notes: Notes) -> None:
    """Who waits for a refresh of a film that is not there hears that, too."""
    rejected = events.CommandRejected(
        job_id=9, kind="enrichment", movie_id=7, code="movie_not_found", error="Movie not found"
    )
    seq = await stream.tell(subjects.job_event(9), rejected)
    await notes.until([seq])
    assert notes.frames == [
        EnrichmentFailedNote(movie_id=7, job_id=9, seq=seq, error="Movie not found", code="movie_not_found")
    ]


async def test_notes_not_sent_before_a_crash(
    projector: Projector, rows: Rows, stream: Stream, notes: Notes, ask: Asker
) -> None:
    """Rows that were committed without a word are spoken of by the next projector, and change nothing again."""
    await stream.movie(1, ADDED)
    async with projector() as running:
        await running.until(ready=True)
        told = [await stream.movie(1, _enriched(job_id)) for job_id in range(1, 6)]
        await notes.until(told)
    before = await rows.dump()
    notes.frames.clear()
    await rows.connection.execute("UPDATE control.checkpoint SET notified_seq = $1", told[1])
    async with projector() as running:
        await running.until(ready=True)
        await notes.until(told[2:])
        assert notes.seqs == told[2:]
        assert (await ask("library.stats", LibraryStats)).total == 1
        await _remembered(rows, told[-1])
    assert await rows.dump() == before


async def _remembered(rows: Rows, seq: int) -> None:
    """Wait until it is written down that notes up to here were sent."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await rows.connection.fetchval("SELECT notified_seq FROM control.checkpoint") < seq:
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("projecting")
async def test_event_that_cannot_be_read(bus: Bus, stream: Stream, ask: Asker, rows: Rows) -> None:
    """It is set aside with its reason, once, and the events after it are projected."""
    await stream.movie(1, ADDED)
    headers = {**Envelope(id="x", type="metarr.movie.sung.v1", source="/x", time=START).headers()}
    dead = await stream.raw(subjects.movie_event(1), b'{"movieId": 1}', headers)
    last = await stream.movie(2, ADDED.model_copy(update={"movie_id": 2}))
    assert (await ask("library.stats", LibraryStats, Query(after=last))).total == 2
    (letter,) = await _dead_letters(bus, 1)
    assert (letter.subject, letter.data) == ("metarr.dead.metarr.evt.movie.1", b'{"movieId": 1}')
    assert letter.headers["metarr-reason"] == "unknown message type metarr.movie.sung.v1"
    assert letter.headers["metarr-origin-seq"] == str(dead)
    row = await rows.connection.fetchrow("SELECT * FROM live.dead_event")
    assert row is not None
    assert dict(row) == {
        "seq": dead,
        "subject": subjects.movie_event(1),
        "type": "metarr.movie.sung.v1",
        "reason": "unknown message type metarr.movie.sung.v1",
    }


@pytest.mark.usefixtures("projecting")
async def test_event_that_cannot_be_written(bus: Bus, stream: Stream, ask: Asker) -> None:
    """A value that the database refuses costs its event and no other one of the batch."""
    for movie_id in range(1, 20):
        await stream.movie(movie_id, ADDED.model_copy(update={"movie_id": movie_id, "title": f"a\0b {movie_id}"}))
    await stream.movie(20, ADDED.model_copy(update={"movie_id": 20, "year": 2**40}))
    await stream.movie(21, ADDED.model_copy(update={"movie_id": 2**70}))
    last = await stream.movie(22, ADDED.model_copy(update={"movie_id": 22}))
    assert (await ask("library.stats", LibraryStats, Query(after=last))).total == 20
    film = await ask("movie.get", MovieDetails, MovieQuery(movie_id=7))
    assert film.title == "ab 7"
    letters = await _dead_letters(bus, 2)
    assert [json.loads(letter.data)["movieId"] for letter in letters] == [20, 2**70]
    assert all(letter.headers["metarr-reason"].startswith("cannot be stored: ") for letter in letters)


async def test_dead_letter_is_stored_once(bus: Bus, projector: Projector, rows: Rows, stream: Stream) -> None:
    """The same dead letter again, after a crash, is known to the server by its id."""
    await stream.movie(1, ADDED)
    async with projector() as running:
        await running.until(ready=True)
        dead = await stream.raw(subjects.movie_event(1), b"?")
        await _dead_letters(bus, 1)
    await rows.connection.execute("UPDATE control.checkpoint SET notified_seq = 1")
    async with projector():
        await _remembered(rows, dead)
    assert (await bus.stream_state(DEAD)).last_seq == 1
