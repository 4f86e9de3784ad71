"""The harness itself: replicas, crashes of servers, the clock, large libraries, the law of a run's counts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.e2e.client import END_SECONDS, Api, Frame, assert_sums
from tests.e2e.library import import_rows, made_up
from tests.e2e.system import System, running


@pytest.fixture(scope="module")
async def system() -> AsyncIterator[System]:
    """A system that these tests may break."""
    async with running() as system:
        yield system


async def added(api: Api, number: int) -> int:
    """The id of a made-up film that is added now; the system may still be coming back."""
    (row,) = made_up(1, number)
    async with asyncio.timeout(END_SECONDS):
        while (answer := await api.post("/api/movies", row)).status not in {200, 201}:
            await asyncio.sleep(0.05)
    movie_id: int = answer.data["movieId"]
    return movie_id


async def refreshed(api: Api, number: int) -> Frame:
    """The film's status after a refresh."""
    movie_id = await added(api, number)
    async with api.socket() as socket:
        await api.refresh(socket, movie_id)
    status: Frame = (await api.get(f"/api/movies/{movie_id}/enrichment-status")).data
    return status


@pytest.mark.parametrize("service", ["enricher", "scheduler"])
async def test_replicas_are_killed_and_come_back(system: System, service: str) -> None:
    """A second one of a kind runs beside the first; under its name it comes back, on its port."""
    second = f"{service}2"
    await system.start(service, second)
    port, process = system.ports[second], system.processes[second].pid
    assert port != system.ports[service]
    await system.kill(second)
    await system.start(service, second)
    assert system.ports[second] == port
    assert system.processes[second].pid != process
    await system.kill(service)
    await system.start(service)
    await system.stop(second)


async def test_servers_are_killed_and_come_back(system: System, api: Api) -> None:
    """NATS and Postgres, on the same folder and port: what was there is there, and work goes on."""
    before = await refreshed(api, 21_000_000)
    addresses = (system.nats.url, system.postgres.url)
    for server in (system.nats, system.postgres):
        await server.kill()
        await server.start()
    assert (system.nats.url, system.postgres.url) == addresses
    assert (await refreshed(api, 21_000_001))["completeness"] > 0
    assert (await refreshed(api, 21_000_000))["providers"] == before["providers"]


async def test_every_service_follows_the_clock(system: System, api: Api) -> None:
    """Set to a moment and moved on from there, as the times in answers show at once."""
    moment = datetime.now(UTC) + timedelta(days=100)
    await system.set_clock(moment)
    await system.advance_clock(86_400)
    shown = datetime.fromisoformat((await refreshed(api, 22_000_000))["lastEnriched"])
    assert moment + timedelta(days=1) <= shown < moment + timedelta(days=1, hours=1)


async def test_a_run_is_followed(system: System, api: Api) -> None:
    """Its frames are collected over a restart of the gateway, and end with what the status says."""
    await import_rows(api, made_up(20, 23_000_000))
    async with api.run_frames() as run:
        await system.kill("gateway")
        await system.start("gateway")
        await run.until(lambda: run.subscriptions > 1)
        job = await api.start_run()
        end = await run.until_end(job)
    assert (await api.run_ended(job))["stats"] == end["stats"]
    assert {frame["type"] for frame in run.frames} == {"bulk:progress", "bulk:complete"}
    assert_sums(run.frames)


async def test_a_library_is_filled(api: Api) -> None:
    """With made-up films that have both ids of the sandbox; once more they are unchanged."""
    assert (await import_rows(api, made_up(300)))["added"] == 300
    assert await import_rows(api, made_up(50)) == {"added": 0, "unchanged": 50, "conflict": 0, "rejected": 0}


def frame(kind: str, total: int, **counts: int) -> Frame:
    """A frame of a run."""
    stats = {"totalMovies": total, "processed": 0, "skipped": 0, "failed": 0, **counts}
    looked_at = stats["processed"] + stats["skipped"] + stats["failed"]
    return {"type": kind, "jobId": 1, "processedMovies": looked_at, "totalMovies": total, "stats": stats}


def test_the_law_of_sums_is_checked() -> None:
    """A film too many or too few in any frame is found."""
    good = [
        frame("bulk:progress", 3, remaining=3),
        {"type": "bulk:rate_limit", "jobId": 1},
        frame("bulk:progress", 3, processed=1, failed=1, remaining=1),
        frame("bulk:complete", 3, processed=1, failed=1, skipped=1),
    ]
    assert_sums(good)
    for bad in (
        frame("bulk:progress", 3, processed=1, remaining=3),
        frame("bulk:progress", 3, processed=3),
        frame("bulk:progress", 3, processed=1, remaining=2) | {"processedMovies": 2},
        frame("bulk:complete", 3, processed=2),
    ):
        with pytest.raises(AssertionError):
            assert_sums([*good, bad])
