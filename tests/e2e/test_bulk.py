"""Runs over the whole library as clients see and steer them: HTTP, WebSocket, people beside them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import count
from time import perf_counter
from typing import Any

import pytest
from tests.e2e.client import Api, Frame, api_of, assert_sums
from tests.e2e.library import films, ids_at, import_rows, is_done, made_up, statuses
from tests.e2e.system import System, running
from tests.e2e.test_nats_cli import NATS, nats
from tests.e2e.test_nights import EVENING

from metarr_chassis.background import meanwhile
from metarr_chassis.bus import connect
from metarr_contracts.streams import COMMANDS
from metarr_contracts.subjects import enrich_command

HUNDREDS = count(40_000_000, 1_000)
"""Numbers at which the films of each test begin."""
LIVE_STATS = {"totalMovies", "processed", "skipped", "failed", "remaining"}


async def new_films(api: Api, number: int) -> list[Any]:
    """So many films of which nobody was asked before; a run finds nothing to do for the others."""
    before = len(await films(api))
    assert (await import_rows(api, made_up(number, next(HUNDREDS))))["added"] == number
    async with asyncio.timeout(60):
        while len(library := await films(api)) < before + number:
            await asyncio.sleep(0.02)
    return library[before:]


async def asked_about(system: System, of: list[Any]) -> dict[str, dict[str, int]]:
    """How often each provider was asked about each of these films."""
    return {
        provider: {key: times for key, times in counts.items() if key in ids_at(provider, of)}
        for provider, counts in (await system.asked()).items()
    }


def once(of: list[Any]) -> dict[str, dict[str, int]]:
    """What `asked_about` says when each provider was asked about each film once."""
    return {provider: dict.fromkeys(ids_at(provider, of), 1) for provider in ("tmdb", "omdb", "fanart")}


async def until_asked(system: System, provider: str, of: list[Any], number: int) -> None:
    """Wait until the provider was asked about so many of these films."""
    async with asyncio.timeout(60):
        while len((await asked_about(system, of))[provider]) < number:
            await asyncio.sleep(0.02)


async def until_queued(system: System, film: Any) -> None:
    """Wait until a job for this film waits or runs."""
    async with connect(system.nats.url, "test") as bus, asyncio.timeout(60):
        while await bus.last_message(COMMANDS, enrich_command(film["id"])) is None:
            await asyncio.sleep(0.02)


async def cancel(api: Api, job_id: int) -> None:
    """Cancel a run, as a person does who has seen that it goes on."""
    answer = await api.post(f"/api/jobs/{job_id}/cancel")
    assert (answer.status, answer.data["jobId"]) == (202, job_id), answer


async def bulk_status(api: Api) -> Any:
    """What bulk-status says now."""
    return (await api.get("/api/enrichment/bulk-status")).data


async def test_the_status_in_all_states() -> None:
    """bulk-status: never run, running from the first moment on, completed, partial, cancelled, failed."""
    # In the evening, so that no day of the quota ends meanwhile.
    async with running(clock=EVENING) as system, api_of(system.url, patient=True) as api:
        never = await bulk_status(api)
        assert [never[name] for name in ("lastRun", "nextRun", "currentRun", "schedule")] == [None] * 4
        await new_films(api, 20)
        assert (await bulk_status(api))["totalMovies"] == 20

        with system.providers_halted():
            job = await api.start_run()
            status = await api.bulk_status(lambda status: status["currentRun"] is not None)
            assert_running(status["currentRun"], job, total=20, by=EVENING + timedelta(hours=1))
            assert (status["lastRun"], status["nextRun"]) == (None, None)
        last = await api.run_ended(job)
        assert_ended(last, "completed", processed=20, skipped=0)
        assert (last["trigger"], last["resumeFrom"], last["error"]) == ("manual", None, None)

        # More than are side by side: some are left when the run is cancelled.
        of_partial = await new_films(api, 40)
        used = (await system.control("GET", ""))["providers"]["omdb"]["usedToday"]
        await system.provider("omdb", dailyLimit=used + 5)
        last = await api.run_ended(await api.start_run())
        assert_ended(last, "partial", processed=5, skipped=55)
        assert (last["rateLimitHit"], last["rateLimitedProviders"]) == (True, ["omdb"])
        assert last["resumeFrom"]["movieId"] in {film["id"] for film in of_partial}
        await system.provider("omdb", dailyLimit=None)
        assert (await api.post("/api/providers/omdb/resume")).status == 200

        with system.providers_halted():
            job = await api.start_run()
            await api.bulk_status(lambda status: status["currentRun"] is not None)
            await cancel(api, job)
        assert (await api.run_ended(job))["status"] == "cancelled"
        assert (await api.post(f"/api/jobs/{job}/cancel")).status == 409

        await new_films(api, 20)
        await system.provider("omdb", key="another")
        last = await api.run_ended(await api.start_run())
        assert (last["status"], last["stats"]["processed"], last["stats"]["failed"]) == ("failed", 0, 0)
        assert last["error"] == "OMDb refuses the key: Invalid API key! (METARR_OMDB_KEY)"
        assert last["rateLimitHit"] is False
        assert [one["status"] for one in (await api.history())["activities"]] == [
            "failed",
            "cancelled",
            "partial",
            "completed",
        ]


def assert_running(run: Any, job: int, total: int, by: datetime) -> None:
    """All documented fields, and an object where clients expect one, from the first moment on."""
    assert (run["jobId"], run["totalMovies"], run["rateLimitedProviders"]) == (job, total, [])
    assert 0 <= run["processedMovies"] <= total
    assert run["progress"] == 100 * run["processedMovies"] // total
    assert datetime.fromisoformat(run["startedAt"]) <= by
    assert isinstance(run["currentMovie"]["id"], int)
    assert isinstance(run["currentMovie"]["title"], str)
    assert run["stats"].keys() == LIVE_STATS


def assert_ended(run: Any, status: str, processed: int, skipped: int) -> None:
    """What every run says of itself at its end."""
    total = processed + skipped
    assert run["status"] == status, run
    assert run["stats"] == {"totalMovies": total, "processed": processed, "skipped": skipped, "failed": 0}
    assert datetime.fromisoformat(run["startedAt"]) <= datetime.fromisoformat(run["completedAt"])
    assert {one["name"] for one in run["providers"]} == {"tmdb", "omdb", "fanart"}


async def test_starts_that_are_refused() -> None:
    """400 names the field; 409 while a run goes on; 429 with the time to wait after it has ended; else 202."""
    async with running(METARR_BULK_STARTS_PER_MINUTE="1") as system, api_of(system.url, patient=True) as api:
        await new_films(api, 4)
        for body, field in (({"force": "yes"}, "force"), ({"colour": True}, "colour"), ({"force": None}, "force")):
            wrong = await api.post("/api/enrichment/bulk-run", body)
            assert (wrong.status, wrong.body["success"], wrong.body["field"]) == (400, False, field), wrong
            assert field in wrong.body["error"]
        # Nobody takes it up, so it goes on for as long as the test needs.
        await system.stop("enricher")
        started = await api.post("/api/enrichment/bulk-run")
        assert started.status == 202
        assert started.data["message"] == "Bulk enrichment job started"
        assert started.data["estimatedDuration"] >= 1
        again = await api.post("/api/enrichment/bulk-run", {"force": True})
        assert (again.status, again.body["error"]) == (409, "Bulk enrichment already running")
        await system.start("enricher")
        await api.run_ended(started.data["jobId"])
        soon = await api.post("/api/enrichment/bulk-run", {})
        assert (soon.status, soon.body["success"]) == (429, False)
        assert 0 < int(soon.headers["Retry-After"]) <= 60
        assert (await api.history())["total"] == 1


async def test_starts_while_a_server_is_away() -> None:
    """Without the database a run starts and is done; without the bus none does, and each answer says what is away."""
    async with running() as system, api_of(system.url) as api:
        library = await new_films(api, 20)
        await system.postgres.kill()
        job = await api.start_run()
        status = await api.get("/api/enrichment/bulk-status")
        assert (status.status, status.body["error"]) == (500, "Database error")
        await until_asked(system, "tmdb", library, 20)
        await system.postgres.start()
        assert_ended(await api.run_ended(job), "completed", processed=20, skipped=0)
        await system.nats.kill()
        refused = await api.post("/api/enrichment/bulk-run")
        assert (refused.status, refused.body["error"]) == (500, "Failed to start job")
        await system.nats.start()
        async with asyncio.timeout(60):
            while (started := await api.post("/api/enrichment/bulk-run")).status == 500:
                await asyncio.sleep(0.1)
        # One that was stored too late to be told so goes on already.
        assert started.status in {202, 409}, started
        job = started.body["jobId"] if started.status == 409 else started.data["jobId"]
        assert_ended(await api.run_ended(job), "completed", processed=0, skipped=20)


async def test_who_watches_a_run(system: System, api: Api) -> None:
    """Who never subscribed sees it all; who comes in the middle is told at once how far it is; every five seconds."""
    await new_films(api, 60)
    # A run has six of the connections to OMDb: it would last for twenty seconds.
    await system.providers(latencyMs=2_000)
    async with api.socket() as silent, api.run_frames() as run:
        job = await api.start_run()
        # It has to be read all the time: who does not answer a ping is taken for gone.
        async with meanwhile(bulk_frames(silent, job)) as hearing:
            await run.until(lambda: len(run.of(job)) > 1)
            async with api.socket() as late:
                acknowledged = await late.ask({"type": "subscribe", "channel": "bulk:enrichment"})
                progress = await late.next()
            await system.providers(latencyMs=0)
            end = await run.until_end(job)
        unasked = hearing.result()
        assert (acknowledged["type"], acknowledged["channel"]) == ("subscribed", "bulk:enrichment")
        current, total = acknowledged["status"]["currentRun"], progress["totalMovies"]
        assert_running(current, job, total, by=datetime.now(UTC))
        assert (progress["type"], progress["jobId"]) == ("bulk:progress", job)
        assert progress["stats"]["processed"] >= run.of(job)[1]["stats"]["processed"]
    assert unasked == run.of(job)
    assert_sums(unasked)
    assert (end["status"], end["stats"]["processed"]) == ("completed", 60)
    last = await api.run_ended(job)
    lasted = datetime.fromisoformat(last["completedAt"]) - datetime.fromisoformat(last["startedAt"])
    told = [frame for frame in run.of(job) if frame["type"] == "bulk:progress"]
    assert 3 <= len(told) <= lasted / timedelta(seconds=5) + 3
    assert [frame["processedMovies"] for frame in told] == sorted(frame["processedMovies"] for frame in told)
    assert isinstance(told[0]["currentMovie"]["title"], str)


async def bulk_frames(socket: Any, job_id: int) -> list[Frame]:
    """The frames of a run up to its end, among whatever else comes."""
    frames: list[Frame] = []
    while not frames or frames[-1]["type"] != "bulk:complete":
        frame = await socket.next()
        if frame["type"].startswith("bulk:") and frame["jobId"] == job_id:
            frames.append(frame)
    return frames


async def test_a_refresh_by_hand_beside_a_run(system: System, api: Api) -> None:
    """It starts while the run goes on and ends long before it; only a film that the run works on is refused."""
    library = await new_films(api, 64)
    last_film = library[-1]["id"]
    await system.providers(latencyMs=300)
    async with api.socket() as socket:
        with system.providers_halted():
            job = await api.start_run()
            await until_queued(system, library[0])
            at_work = await api.post(f"/api/movies/{library[0]['id']}/enrich")
            assert (at_work.status, at_work.body["error"]) == (409, "Enrichment already in progress for this movie")
            asked_at = perf_counter()
            accepted = await api.post(f"/api/movies/{last_film}/enrich")
            assert accepted.status == 202, accepted
        frames: list[Frame] = []
        began: float | None = None
        while not frames or (frames[-1]["type"], frames[-1]["jobId"]) != ("bulk:complete", job):
            frames.append(await socket.next())
            if began is None and frames[-1]["jobId"] == accepted.data["jobId"]:
                began = perf_counter() - asked_at
        assert began is not None
        print(f"the refresh by hand began {began:.3f} s after it was asked for")  # noqa: T201 - a figure to read
    by_hand = [place for place, frame in enumerate(frames) if frame["jobId"] == accepted.data["jobId"]]
    assert frames[by_hand[0]]["type"] == "enrichment:progress"
    assert frames[by_hand[-1]]["type"] == "enrichment:complete"
    done_before = [frame for frame in frames[: by_hand[-1]] if frame["type"] == "enrichment:complete"]
    assert len(done_before) <= 32, "half of the run and more was done before the refresh by hand"
    end = frames[-1]
    assert (end["status"], end["stats"]["processed"]) == ("completed", 63)
    await system.providers(latencyMs=0)
    assert await asked_about(system, library) == once(library)


async def test_a_run_is_cancelled(system: System, api: Api) -> None:
    """Films in flight end properly and everybody is told; the next run asks about the rest alone."""
    library = await new_films(api, 80)
    await system.providers(latencyMs=2_000)
    async with api.run_frames() as run:
        job = await api.start_run()
        # One more than a run has connections to OMDb: some films are done.
        await until_asked(system, "omdb", library, 7)
        await cancel(api, job)
        end = await run.until_end(job)
    assert_sums(run.of(job))
    assert (end["status"], end["stats"]["failed"], end["rateLimitHit"]) == ("cancelled", 0, False)
    told = (await api.get(f"/api/jobs/{job}")).data
    assert (told["kind"], told["state"], told["run"]["status"]) == ("bulk", "cancelled", "cancelled")
    after = await statuses(api, library)
    done = [film for film in library if after[film["id"]]["lastEnriched"] is not None]
    assert all(is_done(after[film["id"]]) for film in done)
    assert 16 <= len(done) == end["stats"]["processed"] <= 64, "the films in flight are done, the others are not begun"
    assert await asked_about(system, library) == once(done)
    last = await api.run_ended(job)
    assert last["resumeFrom"]["movieId"] == next(film["id"] for film in library if film not in done)
    await system.providers(latencyMs=0)
    last = await api.run_ended(await api.start_run())
    assert (last["status"], last["stats"]["processed"]) == ("completed", 80 - len(done))
    assert await asked_about(system, library) == once(library)


async def provider_status(api: Api, name: str, **query: object) -> Any:
    """What is said of a provider."""
    told = (await api.get("/api/providers/status", **query)).data["providers"]
    return next(one for one in told if one["name"] == name)


async def test_a_person_ends_a_pause() -> None:
    """Refused with a sentence while the quota is used up; when it is back, the provider is asked again at once."""
    # As in the first test, no day of the quota ends meanwhile.
    async with running(clock=EVENING) as system, api_of(system.url, patient=True) as api:
        library = await new_films(api, 4)
        used = (await system.control("GET", ""))["providers"]["omdb"]["usedToday"]
        assert (await provider_status(api, "omdb"))["requestsToday"] == used
        await system.provider("omdb", dailyLimit=used + 2)
        last = await api.run_ended(await api.start_run())
        assert (last["status"], last["stats"]["processed"]) == ("partial", 2)
        told = await provider_status(api, "omdb")
        assert (told["state"], told["remaining"]) == ("paused", 0)
        sent = (await system.control("GET", ""))["providers"]["omdb"]["requests"]
        assert told["requestsToday"] >= used + 3

        refused = await api.post("/api/providers/omdb/resume")
        assert (refused.status, refused.body["code"]) == (409, "provider_still_limited")
        assert refused.body["error"] == "OMDB still says: The request limit is reached"
        assert (await system.control("GET", ""))["providers"]["omdb"]["requests"] == sent + 1
        assert (await provider_status(api, "omdb"))["state"] == "paused"

        await system.provider("omdb", dailyLimit=None)
        lifted = await api.post("/api/providers/omdb/resume")
        assert (lifted.status, lifted.data["provider"]) == (200, "omdb")
        assert (await provider_status(api, "omdb", after=lifted.data["seq"]))["state"] == "on"
        last = await api.run_ended(await api.start_run())
        assert (last["status"], last["stats"]["processed"]) == ("completed", 2)
        assert all(map(is_done, (await statuses(api, library)).values()))

        # The next day begins with the whole quota, as far as it is known.
        await system.advance_clock(timedelta(days=1).total_seconds())
        told = await provider_status(api, "omdb")
        assert (told["state"], told["requestsToday"]) == ("on", 0)
        # What was booked and not used in time counts, too.
        assert told["remaining"] >= used + 2
        assert (await api.post("/api/providers/imdb/resume")).status == 404


@pytest.mark.skipif(NATS is None, reason="the nats command-line client is neither in .tools nor on the path")
async def test_a_run_by_hand(system: System, api: Api) -> None:
    """`nats req metarr.cmd.bulk.run '{}'` starts a run and answers with its job; once more meanwhile is refused."""
    await new_films(api, 16)
    async with api.run_frames() as run:
        with system.providers_halted():
            ack = json.loads(await nats(system, "req", "metarr.cmd.bulk.run", "{}", "--raw"))
            again = json.loads(await nats(system, "req", "metarr.cmd.bulk.run", "{}", "--raw"))
        end = await run.until_end(ack["seq"])
    assert again["error"]["err_code"] == 10077
    assert (end["status"], end["stats"]["processed"]) == ("completed", 16)
    last = await api.run_ended(ack["seq"])
    assert (last["trigger"], last["force"]) == ("operator", False)
