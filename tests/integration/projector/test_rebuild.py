"""Rows made anew: by order, while questions are answered, or because the stream is another one."""

import asyncio

import pytest
from tests.integration.projector.scenes import PATIENCE_SECONDS, Asker, Notes, Projector, Rows, Stream, rebuild

from metarr_chassis.bus import Bus
from metarr_chassis.errors import RefusedError
from metarr_chassis.topology import setup
from metarr_contracts import events, subjects
from metarr_contracts.movie import ExternalIds
from metarr_contracts.readmodels import LibraryStats, MovieListQuery, MoviePage
from metarr_contracts.streams import EVENTS
from metarr_projector import feed

REBUILDS = 3


def _added(movie_id: int) -> events.MovieAdded:
    return events.MovieAdded(movie_id=movie_id, title="Ran", year=1985, ids=ExternalIds(), request="r", missing=())


@pytest.mark.usefixtures("projecting")
async def test_rebuild_while_asked_and_told(bus: Bus, ask: Asker, rows: Rows, stream: Stream, notes: Notes) -> None:
    """Rebuilds do not stop the projection, no answer shows half a library, and no old note is sent again."""
    await stream.tell_history(2_000)
    last_old = await _heard(stream, notes)
    before = await rows.dump()
    notes.frames.clear()
    enough = asyncio.Event()
    telling = asyncio.create_task(_tell(stream, enough))
    asking = asyncio.create_task(_ask(ask, telling))
    for _ in range(REBUILDS):
        answer = await rebuild(bus)
        assert answer["success"]
        assert answer["data"]["events"] >= 2_000
    enough.set()
    totals = await asking
    assert totals == sorted(totals)
    await rows.reach(await telling)
    assert all(seq > last_old for seq in notes.seqs)
    after = await rows.dump()
    assert after != before
    await rebuild(bus)
    assert await rows.dump() == after


async def _heard(stream: Stream, notes: Notes) -> int:
    """Append an event, and wait for its note: all notes of events before have been heard by then; its sequence."""
    rejected = events.CommandRejected(
        job_id=9, kind="enrichment", movie_id=7, code="movie_not_found", error="Movie not found"
    )
    seq = await stream.tell(subjects.job_event(9), rejected)
    await notes.until([seq])
    return seq


async def _tell(stream: Stream, enough: asyncio.Event) -> int:
    """Films come in, one after the other, until that is enough; the sequence of the last one."""
    movie_id, last = 100_000, 0
    while not enough.is_set():
        last = await stream.movie(movie_id, _added(movie_id))
        movie_id += 1
    return last


async def _ask(ask: Asker, telling: "asyncio.Task[int]") -> list[int]:
    """How many films there are, again and again, by the counters and by the list."""
    totals = []
    while not telling.done():
        totals.append((await ask("library.stats", LibraryStats)).total)
        totals.append((await ask("movie.list", MoviePage, MovieListQuery(limit=1))).total)
    return totals


@pytest.mark.usefixtures("projecting")
async def test_totals_are_those_of_the_rows_that_a_rebuild_made(
    bus: Bus, ask: Asker, rows: Rows, stream: Stream
) -> None:
    """Given rows that somebody has changed by hand, and lists counted since, then a rebuild makes also these right.

    Nothing else happens: no event tells that what was counted before is of other rows.
    """
    last = [await stream.movie(movie_id, _added(movie_id)) for movie_id in (1, 2, 3)][-1]
    await rows.reach(last)
    await rows.connection.execute("DELETE FROM live.movie_words WHERE movie_id = 2")
    found = MovieListQuery(search="ran")
    assert (await ask("movie.list", MoviePage, found)).total == 2
    await rebuild(bus)
    page = await ask("movie.list", MoviePage, found)
    assert (len(page.movies), page.total) == (3, 3)


@pytest.mark.usefixtures("projecting")
async def test_one_rebuild_at_a_time(bus: Bus, stream: Stream, rows: Rows) -> None:
    """A second order while a rebuild runs is refused."""
    await rows.reach(await stream.tell_history(1_000))

    async def order() -> str:
        try:
            await bus.request(subjects.REBUILD, timeout=PATIENCE_SECONDS)
        except RefusedError as refused:
            return refused.refused.code
        return "done"

    async with rows.connection.transaction():
        # It is the last that a rebuild touches: none ends before the other order has come.
        await rows.connection.execute("LOCK TABLE control.checkpoint IN EXCLUSIVE MODE")
        orders = [asyncio.create_task(order()) for _ in range(2)]
        await asyncio.wait(orders, return_when=asyncio.FIRST_COMPLETED)
    assert sorted(await asyncio.gather(*orders)) == ["done", "rebuild_running"]


@pytest.mark.parametrize(
    "difference",
    [
        "UPDATE control.checkpoint SET seq = seq + 1000",
        "UPDATE control.checkpoint SET event_id = 'another'",
        "UPDATE control.checkpoint SET stream = '1999-03-31T00:00:00Z'",
        "DELETE FROM control.checkpoint",
    ],
)
async def test_checkpoint_that_does_not_fit_the_stream(
    projector: Projector, rows: Rows, stream: Stream, notes: Notes, difference: str
) -> None:
    """A shorter stream, another event at the checkpoint, another stream, none: the rows are made anew.

    Of the events nothing is told, but that everything has to be read again.
    """
    async with projector() as running:
        await running.until(ready=True)
        await stream.tell_history(300)
        last = await _heard(stream, notes)
        before = await rows.dump()
    await rows.connection.execute("DELETE FROM live.movie; UPDATE live.library SET enriched = 77")
    await rows.connection.execute(difference)
    notes.frames.clear()
    notes.anew = 0
    async with projector() as running:
        await running.until(ready=True)
        # It is ready as the second one, too: for as long as the database takes to see that the first is gone.
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await rows.dump() != before:
                await asyncio.sleep(0.02)
        assert await rows.seq() == last
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not notes.anew:
                await asyncio.sleep(0.02)
        assert (notes.frames, notes.anew) == ([], 1)


async def test_stream_made_anew_under_a_projector(
    bus: Bus,
    nats_url: str,
    projector: Projector,
    rows: Rows,
    stream: Stream,
    ask: Asker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the stream is replaced while we project, the rows become those of the new one."""
    # Nothing else tells that it is gone.
    monkeypatch.setattr(feed, "SILENCE_SECONDS", 3.5)
    async with projector() as running:
        await running.until(ready=True)
        await rows.reach(await stream.tell_history(200))
        await bus.js.delete_stream(EVENTS)
        await setup(nats_url, demo=False)
        for movie_id in (1, 2, 3):
            await stream.movie(movie_id, _added(movie_id))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await ask("library.stats", LibraryStats)).total != 3:
                await asyncio.sleep(0.05)
        assert await rows.seq() == 3
        assert (await bus.stream_state(EVENTS)).created == await rows.connection.fetchval(
            "SELECT stream FROM control.checkpoint"
        )
