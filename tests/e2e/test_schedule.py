"""The schedule with replicas: each night one run, whoever is there, and what becomes of nights that are missed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from tests.e2e.client import Api, api_of, assert_sums
from tests.e2e.library import films, ids_at, import_rows, made_up
from tests.e2e.system import System, running
from tests.e2e.test_nights import DAILY, EVENING, FIRST_NIGHT, SECOND_NIGHT, THIRD_NIGHT, moment, night_run

SCHEDULERS = ("scheduler", "scheduler2")
ENRICHERS = ("enricher", "enricher2", "enricher3")


@contextlib.asynccontextmanager
async def replicated() -> AsyncIterator[tuple[System, Api]]:
    """Two schedulers and three enrichers, on the evening before the first night."""
    async with running(clock=EVENING, METARR_SCHEDULE=DAILY) as system, api_of(system.url, patient=True) as api:
        await asyncio.gather(
            *(system.start(name.rstrip("23"), name) for name in (*SCHEDULERS, *ENRICHERS) if name[-1] in "23")
        )
        yield system, api


async def nights(api: Api) -> list[tuple[Any, str, int | None]]:
    """The history, oldest first: of which night, what became of it, and the run's job."""
    told = (await api.history())["activities"]
    return [(one["scheduledFor"] and moment(one["scheduledFor"]), one["status"], one["jobId"]) for one in told[::-1]]


async def test_three_nights_with_replicas() -> None:
    """One run a night, every film once; no second command was ever put for a night."""
    async with replicated() as (system, api), api.run_frames() as run:
        for night in range(3):
            await import_rows(api, made_up(40, 30_000_000 + 1_000 * night))
            frames = await night_run(system, run, FIRST_NIGHT + timedelta(days=night))
            assert_sums(frames)
            assert {frame["jobId"] for frame in frames} == {frames[0]["jobId"]}
            stats = {"totalMovies": 40 * (night + 1), "processed": 40, "skipped": 40 * night, "failed": 0}
            assert (frames[-1]["status"], frames[-1]["stats"]) == ("completed", stats)
        library = await films(api)
        for provider, counts in (await system.asked()).items():
            of_films = {key: count for key, count in counts.items() if key in ids_at(provider, library)}
            assert of_films == dict.fromkeys(ids_at(provider, library), 1)
        assert [(night, status) for night, status, _ in await nights(api)] == [
            (FIRST_NIGHT + timedelta(days=night), "completed") for night in range(3)
        ]
        # Jobs are numbered by their commands: three runs and each film once came before this one.
        assert await api.start_run() == 3 + len(library) + 1


async def test_nights_that_nobody_was_there_for() -> None:
    """Caught up once when they are back within the time of grace; later the night is missed, as the history says."""
    async with replicated() as (system, api), api.run_frames() as run:
        await import_rows(api, made_up(40, 31_000_000))
        await asyncio.gather(*map(system.stop, (*SCHEDULERS, *ENRICHERS)))
        await system.set_clock(FIRST_NIGHT + timedelta(hours=2))
        status = (await api.get("/api/enrichment/bulk-status")).data
        assert (status["lastRun"], status["nextRun"]["timeUntil"]) == (None, 0)
        await asyncio.gather(*(system.start(name.rstrip("23"), name) for name in (*SCHEDULERS, *ENRICHERS)))
        await run.until(lambda: any(frame["type"] == "bulk:complete" for frame in run.frames))
        end = run.frames[-1]
        assert (end["status"], end["stats"]["processed"]) == ("completed", 40)
        assert await nights(api) == [(FIRST_NIGHT, "completed", end["jobId"])]
        status = await api.bulk_status(lambda status: moment(status["nextRun"]["scheduledAt"]) == SECOND_NIGHT)
        assert moment(status["lastRun"]["startedAt"]) >= FIRST_NIGHT + timedelta(hours=2)
        job = await api.start_run()
        assert job == end["jobId"] + 40 + 1
        await run.until_end(job)
        await asyncio.gather(*map(system.stop, SCHEDULERS))
        await system.set_clock(SECOND_NIGHT + timedelta(hours=7))
        await asyncio.gather(*(system.start("scheduler", name) for name in SCHEDULERS))
        await api.bulk_status(lambda status: moment(status["nextRun"]["scheduledAt"]) == THIRD_NIGHT)
        caught_up, by_hand, missed = await nights(api)
        assert (caught_up, by_hand) == ((FIRST_NIGHT, "completed", end["jobId"]), (None, "completed", job))
        assert missed == (SECOND_NIGHT, "missed", None)


async def test_a_night_on_which_a_run_still_goes_on() -> None:
    """No second run starts: the night is skipped, and the history says so."""
    async with replicated() as (system, api), api.run_frames() as run:
        await import_rows(api, made_up(40, 32_000_000))
        # Six connections of each of three enrichers to OMDb: it would last for half a minute.
        await system.providers(latencyMs=8_000)
        job = await api.start_run()
        await run.until(lambda: bool(run.of(job)))
        await system.set_clock(FIRST_NIGHT - timedelta(seconds=1))
        status = await api.bulk_status(lambda status: moment(status["nextRun"]["scheduledAt"]) == SECOND_NIGHT)
        assert status["currentRun"]["jobId"] == job
        skipped, going = (await api.history())["activities"]
        assert (skipped["status"], moment(skipped["scheduledFor"])) == ("skipped", FIRST_NIGHT)
        assert (skipped["jobId"], skipped["stats"], skipped["completedAt"]) == (job, None, None)
        assert (going["status"], going["jobId"], going["scheduledFor"]) == ("running", job, None)
        await system.providers(latencyMs=0)
        assert (await run.until_end(job))["stats"]["processed"] == 40
        frames = await night_run(system, run, SECOND_NIGHT)
        assert (frames[-1]["status"], frames[-1]["stats"]["skipped"]) == ("completed", 40)
        assert [status for _, status, _ in await nights(api)] == ["completed", "skipped", "completed"]
