"""Postgres away, NATS away, another projector in the way: questions are answered at once, the projection catches up."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from tests.integration.projector.scenes import (
    PATIENCE_SECONDS,
    Asker,
    Projector,
    Rows,
    Stream,
    projector_here,
    rebuild,
)
from tests.unit.metarr_projector.histories import Library

from metarr_chassis.bus import Bus, connect
from metarr_chassis.errors import BusUnavailableError, RefusedError
from metarr_chassis.topology import setup
from metarr_contracts import subjects
from metarr_contracts.readmodels import LibraryStats, MovieListQuery, MoviePage, Query
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import EmbeddedPostgres
from metarr_projector.schema import migrate


async def _answered(ask: Asker, after: int) -> LibraryStats:
    """The stats as soon as they hold this sequence."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                return await ask("library.stats", LibraryStats, Query(after=after))
            except RefusedError as refused:
                assert refused.refused.code in {"database_error", "projection_behind"}  # noqa: PT017
                await asyncio.sleep(0.05)


async def test_database_stops_and_comes_back(
    nats_url: str, server_folder: Path, bus: Bus, stream: Stream, ask: Asker
) -> None:
    """Every question is refused with `Database error`, events go on, and the rows catch up without a restart."""
    async with EmbeddedPostgres(server_folder / "postgres") as postgres:
        await migrate(postgres.url)
        async with projector_here(nats_url, postgres.url) as running:
            await running.until(ready=True)
            await _answered(ask, await stream.tell_history(100))
            await postgres.stop()
            await running.until(ready=False)
            last = await stream.tell_history(100)
            for name in ("library.stats", "movie.list", "provider.status", "bulk.status", "activity.list"):
                for payload in (b"", Query(after=last).to_json()):
                    with pytest.raises(RefusedError) as refused:
                        await bus.request(subjects.query(name), payload, timeout=PATIENCE_SECONDS)
                    assert (refused.value.status, refused.value.refused.error) == (500, "Database error")
                    assert refused.value.refused.code == "database_error"
            await postgres.start()
            await running.until(ready=True)
            assert (await _answered(ask, last)).total == len(stream.library.fields)
            await postgres.kill()
            await running.until(ready=False)
            await postgres.start()
            assert (await _answered(ask, await stream.tell_history(10))).total == len(stream.library.fields)
            connection = await asyncpg.connect(postgres.url)
            live = await Rows(connection).dump()
            await rebuild(bus)
            assert await Rows(connection).dump() == live
            await connection.close()


async def test_an_idle_projector_notices_that_it_lost_its_connection(
    nats_url: str, server_folder: Path, bus: Bus
) -> None:
    """Without any event to project it is not ready and answers no rebuild; it projects again when the database is."""
    async with EmbeddedPostgres(server_folder / "postgres") as postgres:
        await migrate(postgres.url)
        async with projector_here(nats_url, postgres.url) as running:
            await running.until(ready=True)
            await postgres.kill()
            await running.until(ready=False)
            with pytest.raises(BusUnavailableError):
                await bus.request(subjects.REBUILD)
            await postgres.start()
            await running.until(ready=True)


async def test_database_that_was_not_set_up(database_url: str, nats_url: str, bus: Bus, ask: Asker) -> None:
    """Without tables the projector says what to do, and begins as soon as it was done."""
    async with projector_here(nats_url, database_url) as running:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "metarr setup" not in running.readiness.problems().get("projector", ""):
                await asyncio.sleep(0.02)
        with pytest.raises(RefusedError) as refused:
            await bus.request(subjects.query("library.stats"), timeout=PATIENCE_SECONDS)
        assert refused.value.refused.code == "database_error"
        await migrate(database_url)
        await running.until(ready=True)
        assert (await ask("library.stats", LibraryStats)).total == 0


async def test_bus_is_killed_and_comes_back(server_folder: Path, tables: str, rows: Rows) -> None:
    """After the loss of NATS the projection goes on where it was; nothing is missing, nothing counts twice."""
    async with EmbeddedNats(server_folder / "own") as server:
        await setup(server.url, demo=False)
        async with connect(server.url, "test") as bus, projector_here(server.url, tables) as running:
            await running.until(ready=True)
            stream = Stream(bus, Library(3))
            for _ in range(3):
                await rows.reach(await stream.tell_history(200))
                await server.kill()
                await server.start()
                await _connected(bus)
            await rows.reach(await stream.tell_history(200))
            live = await rows.dump()
            await running.until(ready=True)
            await rebuild(bus)
            assert await rows.dump() == live


async def _connected(bus: Bus) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not bus.nc.is_connected:
            await asyncio.sleep(0.02)


async def test_waiting_projector_answers_and_takes_over(
    projector: Projector, stream: Stream, ask: Asker, rows: Rows, bus: Bus
) -> None:
    """One projects, the other answers as well, and goes on when the first is gone."""
    async with projector() as first:
        await first.until(ready=True)
        async with projector() as second:
            await second.until(ready=True)
            for _ in range(20):
                last = await stream.tell_history(20)
                stats = await asyncio.gather(*(ask("library.stats", LibraryStats, Query(after=last)) for _ in range(5)))
                assert {answer.total for answer in stats} == {len(stream.library.fields)}
    await rows.until_nobody_projects()
    async with projector() as first, projector() as second:
        await first.until(ready=True)
        await second.until(ready=True)
        killed = await rows.connection.fetchval(
            "SELECT count(pg_terminate_backend(l.pid)) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database"
            " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted"
        )
        assert killed == 1
        last = await stream.tell_history(200)
        # Whoever takes over may need longer than a question waits.
        await rows.reach(last)
        page = await ask("movie.list", MoviePage, MovieListQuery(after=last))
        assert page.total == len(stream.library.fields)
        await rows.reach(stream.told)
        await asyncio.gather(first.until(ready=True), second.until(ready=True))
        live = await rows.dump()
        await rebuild(bus)
        assert await rows.dump() == live
