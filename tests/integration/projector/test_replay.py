"""The same events leave the same rows, byte for byte, however they came in."""

import asyncio

import asyncpg
from tests.conftest import NewDatabase
from tests.integration.projector.scenes import (
    PATIENCE_SECONDS,
    Notes,
    Projector,
    Rows,
    Stream,
    projector_here,
    projector_process,
    rebuild,
)

from metarr_chassis.bus import Bus
from metarr_contracts import subjects
from metarr_contracts.base import Value
from metarr_contracts.bulk import BulkEnded, BulkLimited
from metarr_contracts.events import CommandRejected, EnrichmentCancelled, EnrichmentFailed, MovieEnriched
from metarr_projector.active import Active
from metarr_projector.errors import CheckpointMovedError
from metarr_projector.position import Position
from metarr_projector.schema import migrate
from metarr_projector.writer import prepare

KILLS = 6


def _is_told(event: Value) -> bool:
    """Whether a note on this event is sent however late it is; of progress only the last one is."""
    if isinstance(event, EnrichmentFailed) and event.code == "incomplete":
        return event.run_id is None
    ended = isinstance(event, (MovieEnriched, EnrichmentFailed, EnrichmentCancelled, BulkLimited, BulkEnded))
    return ended or (isinstance(event, CommandRejected) and event.movie_id is not None)


async def _rebuilt(bus: Bus, projector: Projector, rows: Rows) -> str:
    """All rows after a rebuild."""
    async with projector() as running:
        await running.until(ready=True)
        await rebuild(bus)
        return await rows.dump()


async def test_live_replayed_and_rebuilt(
    bus: Bus, nats_url: str, new_database: NewDatabase, projector: Projector, rows: Rows, stream: Stream
) -> None:
    """Projected as they came, from zero into a new database, rebuilt beside the live ones: no difference."""
    async with projector() as running:
        await running.until(ready=True)
        for _ in range(30):
            await stream.tell_history(40)
        await stream.raw(subjects.movie_event(1), b"?")
        last = await stream.tell_history(40)
        await rows.reach(last)
        live = await rows.dump()
    assert live.count("\n") > 500
    assert await _rebuilt(bus, projector, rows) == live

    other = await new_database()
    await migrate(other)
    connection = await asyncpg.connect(other)
    async with projector_here(nats_url, other):
        await Rows(connection).reach(last)
    assert await Rows(connection).dump() == live
    await connection.close()


async def _blocked(rows: Rows) -> None:
    """Wait until a batch is held up in the middle of its transaction."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await rows.connection.fetchval(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'live.library'::regclass"
        ):
            await asyncio.sleep(0.01)


async def test_killed_in_the_middle_of_batches(
    bus: Bus, nats_url: str, tables: str, projector: Projector, rows: Rows, stream: Stream, notes: Notes
) -> None:
    """Killed again and again between two statements of a transaction: every event counts once, every note is sent."""
    async with projector() as running:
        await running.until(ready=True)
    told: list[int] = []
    for _ in range(KILLS):
        history = stream.library.history(300)
        async with projector_process(nats_url, tables) as process, rows.connection.transaction():
            # The counters are written between checkpoint and films: whoever waits for them has done half of a batch.
            await rows.connection.execute("LOCK TABLE live.library IN EXCLUSIVE MODE")
            told += [seq for seq in [await _tell(stream, *event) for event in history] if seq]
            await _blocked(rows)
            process.kill()
    async with projector_process(nats_url, tables):
        await rows.reach(stream.told)
        await notes.until(told)
    live = await rows.dump()
    assert await _rebuilt(bus, projector, rows) == live


async def _tell(stream: Stream, subject: str, event: Value) -> int:
    """The sequence of an event that ends in a note; 0 for the others."""
    seq = await stream.tell(subject, event)
    return seq if _is_told(event) else 0


async def _project(bus: Bus, tables: str, defeats: list[str]) -> None:
    """Project without asking for the lock; note down each time when somebody else was faster."""
    while True:
        connection = await asyncpg.connect(tables)
        try:
            await prepare(connection)
            active = Active(bus, connection, Position(_no_checkpoint))
            await active.start(_no_rebuild)
            await active.run()
        except CheckpointMovedError as error:
            defeats.append(str(error))
        finally:
            connection.terminate()


async def _no_checkpoint() -> int:
    raise AssertionError("nobody asks for the position")


def _no_rebuild(why: str | None) -> None:
    raise AssertionError(why)


async def test_projectors_without_a_lock(
    bus: Bus, tables: str, projector: Projector, rows: Rows, stream: Stream
) -> None:
    """Even if the lock failed and several projected at once, the checkpoint lets each batch in once."""
    async with projector() as running:
        await running.until(ready=True)
    defeats: list[str] = []
    rivals = [asyncio.create_task(_project(bus, tables, defeats)) for _ in range(3)]
    await rows.reach(await stream.tell_history(3_000))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not defeats:
            await rows.reach(await stream.tell_history(20))
    for rival in rivals:
        rival.cancel()
    await asyncio.gather(*rivals, return_exceptions=True)
    live = await rows.dump()
    assert await _rebuilt(bus, projector, rows) == live
