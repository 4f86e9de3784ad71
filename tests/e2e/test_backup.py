"""A backup that is taken while everything is at work, the loss of everything, and a life after it."""

import asyncio
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from tests.e2e.client import Api, api_of
from tests.e2e.library import films, import_ended, import_rows, made_up
from tests.e2e.system import SERVICES, System, running
from tests.terminal import TERMINAL

from metarr_chassis.bus import Bus, RawMessage, connect
from metarr_contracts import streams
from metarr_contracts.answers import ProviderAnswered
from metarr_contracts.envelope import read_envelope
from metarr_contracts.registry import decode
from metarr_local.bus import rebuild
from metarr_local.embedded_postgres import EmbeddedPostgres
from metarr_projector.schema import migrate

FIRST = 60_000_000
IMPORTED = 320
"""Films of the large import, each in many rows."""
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'live' ORDER BY 1"


async def metarr(system: System, *arguments: str) -> str:
    """Carry out a command of `metarr` as a process; what it says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("METARR_")}
    environment |= {"METARR_NATS_URL": system.nats.url, "METARR_SANDBOX_URL": system.sandbox_url}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "metarr_local.cli", *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said
    return said


async def messages(bus: Bus, stream: str, *, until: int | None = None) -> list[RawMessage]:
    """All messages of a stream, up to a sequence."""
    found: list[RawMessage] = []
    while (message := await bus.next_message(stream, ">", found[-1].seq + 1 if found else 1)) is not None:
        if until is not None and message.seq > until:
            break
        found.append(message)
    return found


def ends_of_jobs(of: list[RawMessage]) -> Counter[int]:
    """How many terminal events each job has."""
    bodies = (decode(read_envelope(message.headers), message.data) for message in of)
    return Counter(body.job_id for body in bodies if isinstance(body, TERMINAL))


async def stored_answers(bus: Bus) -> set[tuple[str, str]]:
    """Which provider has answered about which of its ids."""
    bodies = [decode(read_envelope(message.headers), message.data) for message in await messages(bus, streams.ANSWERS)]
    return {(body.provider, body.asked_with) for body in bodies if isinstance(body, ProviderAnswered)}


async def rows(system: System) -> dict[str, list[str]]:
    """Everything in the read models."""
    connection = await asyncpg.connect(system.postgres.url)
    try:
        return {
            table: sorted(
                json.dumps(dict(row), default=str)
                for row in await connection.fetch(f"SELECT * FROM live.{table}")  # noqa: S608 (names of our tables)
            )
            for (table,) in await connection.fetch(TABLES)
        }
    finally:
        await connection.close()


async def until_idle(bus: Bus) -> None:
    """Wait until every command has been carried out."""
    async with asyncio.timeout(120):
        while (await bus.api(f"STREAM.INFO.{streams.COMMANDS}"))["state"]["messages"]:
            await asyncio.sleep(0.1)


async def until_projected(system: System, bus: Bus) -> None:
    """Wait until the read models hold every event."""
    last = (await bus.stream_state(streams.EVENTS)).last_seq
    connection = await asyncpg.connect(system.postgres.url)
    try:
        async with asyncio.timeout(60):
            while (await connection.fetchval("SELECT max(seq) FROM control.checkpoint") or 0) < last:
                await asyncio.sleep(0.05)
    finally:
        await connection.close()


async def rows_are_those_of_a_rebuild(system: System, bus: Bus) -> None:
    """Once nothing is at work, read models made anew are the same."""
    await until_idle(bus)
    await until_projected(system, bus)
    before = await rows(system)
    await rebuild(system.nats.url)
    assert await rows(system) == before


async def until_more(jobs: list[int], number: int) -> None:
    """Wait until so many more refreshes were accepted."""
    enough = len(jobs) + number
    async with asyncio.timeout(60):
        while len(jobs) < enough:
            await asyncio.sleep(0.02)


async def stop_services(system: System) -> None:
    """End the four services."""
    await asyncio.gather(*(system.stop(service) for service in SERVICES))


@asynccontextmanager
async def refreshing(api: Api, ids: list[int]) -> AsyncIterator[list[int]]:
    """Ask for refreshes all the time while the context is open; their job ids."""
    jobs: list[int] = []
    stop = asyncio.Event()

    async def ask() -> None:
        while not stop.is_set():
            for movie_id in ids:
                answer = await api.post(f"/api/movies/{movie_id}/enrich", {})
                if answer.status == 202:
                    jobs.append(answer.data["jobId"])

    asking = asyncio.create_task(ask())
    try:
        yield jobs
    finally:
        stop.set()
        await asking


async def lose_everything(system: System, bus: Bus) -> None:
    """No NATS data and no database are left."""
    await asyncio.gather(system.nats.stop(), system.postgres.stop())
    shutil.rmtree(system.folder / "nats")
    system.postgres = EmbeddedPostgres(system.folder / "new-postgres")
    await asyncio.gather(system.nats.start(), system.postgres.start())
    await migrate(*system.database_urls)
    async with asyncio.timeout(60):
        while not bus.nc.is_connected:
            await asyncio.sleep(0.05)


async def asked_again(system: System, answered: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these questions were asked since the counts were set to zero."""
    return {(name, key) for name, counts in (await system.asked()).items() for key in counts} & answered


@dataclass(frozen=True)
class BeforeTheLoss:
    """What was known when everything was lost."""

    run: int
    imported: int
    highest: int
    history: list[RawMessage]


async def work_and_back_up(system: System, bus: Bus, backup: Path) -> BeforeTheLoss:
    """A run, an import and refreshes, a backup while they go on, more of them after it, and the end of all services."""
    async with api_of(system.url, patient=True) as api:
        assert (await import_rows(api, made_up(60, FIRST)))["added"] == 60
        await api.run_ended(await api.start_run())
        assert (await import_rows(api, made_up(150, FIRST + 1_000)))["added"] == 150
        # So long that the run goes on for half a minute: it is at work when the backup is taken.
        await system.providers(latencyMs=1_500)
        run = await api.start_run()
        await api.bulk_status(lambda status: (status["currentRun"] or {}).get("processedMovies", 0) > 65)
        lines = "\n".join(json.dumps(row) for _ in range(16) for row in made_up(IMPORTED, FIRST + 10_000))
        types = {"Content-Type": "application/x-ndjson"}
        async with refreshing(api, list(range(150, 210))) as jobs:
            await until_more(jobs, 20)
            imported = (await api.request("POST", "/api/movies/import", data=lines, headers=types)).data["jobId"]
            assert "waiting commands of demo data" in await metarr(system, "backup", str(backup))
            # Clients see ids that the backup knows nothing of.
            await until_more(jobs, 10)
    await stop_services(system)
    highest = (await bus.stream_state(streams.COMMANDS)).last_seq
    assert highest >= max(jobs)
    return BeforeTheLoss(run, imported, highest, await messages(bus, streams.EVENTS))


async def test_a_backup_under_load_and_the_loss_of_everything(tmp_path: Path) -> None:
    """Given a run, an import and refreshes at work, when all is lost and a backup restored, then all goes on.

    Events are what they were up to the backup's end, every command that waited is carried out and ends once, nobody is
    asked what was answered, no job id comes again, and the read models are those of a rebuild.
    """
    backup = tmp_path / "backup"
    async with running() as system, connect(system.nats.url, "test") as bus:
        before = await work_and_back_up(system, bus, backup)
        await lose_everything(system, bus)
        assert "Restored" in await metarr(system, "restore", str(backup))
        restored = await messages(bus, streams.EVENTS)
        assert restored == before.history[: len(restored)]
        waiting = {message.seq for message in await messages(bus, streams.COMMANDS)}
        assert waiting >= {before.run, before.imported}
        answered = await stored_answers(bus)

        await system.control("POST", "/requests/reset")
        await system.providers(latencyMs=0)
        await asyncio.gather(*(system.start(service) for service in SERVICES))
        await until_idle(bus)
        lived_on = await messages(bus, streams.EVENTS)
        assert lived_on[: len(restored)] == restored
        ends = ends_of_jobs(lived_on)
        assert {job_id: ends[job_id] for job_id in waiting} == dict.fromkeys(waiting, 1)
        assert max(ends.values()) == 1
        assert await asked_again(system, answered) == set()

        async with api_of(system.url, patient=True) as api:
            assert (await import_ended(api, before.imported))["counts"]["added"] == IMPORTED
            ended = (await api.run_ended(before.run))["stats"]
            assert ended["totalMovies"] == ended["processed"] + ended["skipped"] + ended["failed"] == 210
            new = (await api.post("/api/movies/1/enrich", {})).data["jobId"]
            assert new > before.highest
            assert len(await films(api)) == 210 + IMPORTED
        await rows_are_those_of_a_rebuild(system, bus)
        await once_more_under_a_newer_database(system, bus, backup, restored, new)


async def once_more_under_a_newer_database(
    system: System, bus: Bus, backup: Path, restored: list[RawMessage], highest: int
) -> None:
    """Given a database that is ahead, when the backup takes the place of what is there, then rows are made anew."""
    await stop_services(system)
    await metarr(system, "restore", str(backup), "--replace")
    assert await messages(bus, streams.EVENTS, until=restored[-1].seq) == restored
    await asyncio.gather(*(system.start(service) for service in SERVICES))
    assert "the stream of events is another one" in system.log("projector")
    await rows_are_those_of_a_rebuild(system, bus)
    async with api_of(system.url, patient=True) as api:
        assert (await api.post("/api/movies/1/enrich", {})).data["jobId"] > highest
    await until_idle(bus)
    ends = ends_of_jobs(await messages(bus, streams.EVENTS))
    assert max(ends.values()) == 1
