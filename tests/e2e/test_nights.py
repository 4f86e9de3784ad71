"""Nights on which a quota ends: the run stops, and the next night goes on from there."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.client import Api, Frame, RunFrames, api_of, assert_sums
from tests.e2e.library import films, ids_at, import_rows, is_done, made_up, statuses
from tests.e2e.system import System, running

EVENING = (datetime.now(UTC) + timedelta(days=1)).replace(hour=22, minute=0, second=0, microsecond=0)
FIRST_NIGHT = EVENING + timedelta(hours=5)
SECOND_NIGHT = FIRST_NIGHT + timedelta(days=1)
THIRD_NIGHT = SECOND_NIGHT + timedelta(days=1)
DAILY = "0 3 * * *"


async def night_run(system: System, run: RunFrames, night: datetime, seconds: float = 120) -> list[Frame]:
    """Let the night come; the frames of the run that the schedule starts, up to its end."""
    before = len(run.frames)
    await system.set_clock(night - timedelta(seconds=1))
    await run.until(lambda: any(frame["type"] == "bulk:complete" for frame in run.frames[before:]), seconds)
    return run.frames[before:]


def moment(told: Any) -> datetime:
    """A time as answers carry it."""
    return datetime.fromisoformat(told)


async def test_the_night_on_which_the_quota_ends() -> None:
    """Scenario 4: 1,523 films, OMDb refuses the 501st; the run stops there, and the next night resumes with it."""
    async with (
        running(clock=EVENING, METARR_SCHEDULE=DAILY, METARR_BULK_WINDOW="1") as system,
        api_of(system.url, patient=True) as api,
        api.run_frames() as run,
    ):
        assert (await import_rows(api, made_up(1523)))["added"] == 1523
        library = await films(api)
        before = await statuses(api, library[500:501])
        await system.provider("omdb", dailyLimit=500)
        await assert_it_stops_at_501(system, api, run, library)
        assert await statuses(api, library[500:501]) == before
        assert all(map(is_done, (await statuses(api, library[:500:50])).values()))
        assert all(map(is_done, (await statuses(api, library[499:500])).values()))
        await system.provider("omdb", dailyLimit=100_000)
        await system.control("POST", "/requests/reset")
        await assert_it_resumes_with_501(system, api, run, library)
        await assert_history_has_both(api)


async def assert_it_stops_at_501(system: System, api: Api, run: RunFrames, library: list[Any]) -> None:
    """The first night: `partial`, 500 processed, 1,023 left, and everybody is told so."""
    frames = await night_run(system, run, FIRST_NIGHT)
    assert_sums(frames)
    limit, end = frames[-2:]
    job = end["jobId"]
    assert {frame["jobId"] for frame in frames} == {job}
    assert frames[0]["type"] == "bulk:progress"
    assert (limit["type"], limit["provider"], limit["processedMovies"], limit["totalMovies"]) == (
        "bulk:rate_limit",
        "omdb",
        500,
        1523,
    )
    assert limit["message"] == "OMDB rate limit reached - stopping bulk enrichment"
    stats = {"totalMovies": 1523, "processed": 500, "skipped": 1023, "failed": 0}
    assert (end["type"], end["stats"], end["rateLimitHit"], end["status"]) == ("bulk:complete", stats, True, "partial")

    # The scheduler may say what it has started after the run has ended.
    status = await api.bulk_status(lambda status: moment(status["nextRun"]["scheduledAt"]) == SECOND_NIGHT)
    last = status["lastRun"]
    assert (last["jobId"], last["status"], last["stats"], last["trigger"]) == (job, "partial", stats, "schedule")
    assert FIRST_NIGHT <= moment(last["startedAt"]) <= moment(last["completedAt"])
    assert (last["rateLimitHit"], last["rateLimitedProviders"]) == (True, ["omdb"])
    film = library[500]
    assert last["resumeFrom"] == {"movieId": film["id"], "position": 501, "title": film["title"]}
    limited = {provider["name"]: provider["limitedAt"] for provider in last["providers"]}
    assert moment(last["startedAt"]) <= moment(limited.pop("omdb")) <= moment(last["completedAt"])
    assert limited == {"tmdb": None, "fanart": None}
    assert status["currentRun"] is None
    assert timedelta(hours=23) < timedelta(seconds=status["nextRun"]["timeUntil"]) <= timedelta(days=1)
    asked = await system.asked()
    assert set(asked["omdb"]) == ids_at("omdb", library[:501])
    for provider in ("tmdb", "fanart"):
        assert set(asked[provider]) & ids_at(provider, library) == ids_at(provider, library[:500])


async def assert_it_resumes_with_501(system: System, api: Api, run: RunFrames, library: list[Any]) -> None:
    """The second night: film 501 comes first, the first 500 are not asked about, the round is completed."""
    frames = await night_run(system, run, SECOND_NIGHT)
    assert_sums(frames)
    film = library[500]
    assert frames[0]["currentMovie"] == {"id": film["id"], "title": film["title"], "year": film["year"]}
    end = frames[-1]
    assert (end["status"], end["rateLimitHit"]) == ("completed", False)
    assert end["stats"] == {"totalMovies": 1523, "processed": 1023, "skipped": 500, "failed": 0}
    last = await api.run_ended(end["jobId"])
    assert (last["status"], last["resumeFrom"], last["rateLimitedProviders"]) == ("completed", None, [])
    asked = await system.asked()
    for provider, counts in asked.items():
        of_films = {key: count for key, count in counts.items() if key in ids_at(provider, library)}
        assert of_films == dict.fromkeys(ids_at(provider, library[500:]), 1)


async def assert_history_has_both(api: Api) -> None:
    """Newest first, with what each had of its providers, a page at a time."""
    history = await api.history()
    assert (history["total"], history["nextCursor"]) == (2, None)
    second, first = history["activities"]
    assert [moment(one["scheduledFor"]) for one in (first, second)] == [FIRST_NIGHT, SECOND_NIGHT]
    assert [one["status"] for one in (first, second)] == ["partial", "completed"]
    requests = [{one["name"]: one["requests"] for one in night["providers"]} for night in (first, second)]
    assert requests == [{"tmdb": 500, "omdb": 501, "fanart": 500}, {"tmdb": 1023, "omdb": 1023, "fanart": 1023}]
    assert first["duration"] > 0
    page = await api.history(limit=1)
    assert (page["activities"], page["total"]) == ([second], 2)
    rest = await api.history(limit=1, cursor=page["nextCursor"])
    assert (rest["activities"], rest["nextCursor"]) == ([first], None)


async def test_with_films_side_by_side() -> None:
    """A window of sixteen: each film is wholly done or unchanged, and none that is settled is asked about again."""
    async with (
        running(clock=EVENING, METARR_SCHEDULE=DAILY, METARR_BULK_WINDOW="16") as system,
        api_of(system.url, patient=True) as api,
        api.run_frames() as run,
    ):
        assert (await import_rows(api, made_up(120)))["added"] == 120
        library = await films(api)
        before = await statuses(api, library)
        await system.provider("omdb", dailyLimit=50, latencyMs=5)
        frames = await night_run(system, run, FIRST_NIGHT)
        assert_sums(frames)
        assert (frames[-1]["status"], frames[-1]["stats"]["failed"]) == ("partial", 0)
        after = await statuses(api, library)
        done = [film for film in library if is_done(after[film["id"]]) and after[film["id"]]["lastEnriched"]]
        rest = [film for film in library if film not in done]
        assert len(done) == frames[-1]["stats"]["processed"] == 50
        assert {film["id"]: after[film["id"]] for film in rest} == {film["id"]: before[film["id"]] for film in rest}
        last = await api.run_ended(frames[-1]["jobId"])
        assert last["resumeFrom"]["movieId"] == rest[0]["id"]
        assert last["resumeFrom"]["position"] == 1 + library.index(rest[0])

        await system.provider("omdb", dailyLimit=None)
        await system.control("POST", "/requests/reset")
        frames = await night_run(system, run, SECOND_NIGHT)
        assert_sums(frames)
        assert frames[-1]["status"] == "completed"
        assert frames[-1]["stats"] == {"totalMovies": 120, "processed": 70, "skipped": 50, "failed": 0}
        for provider, counts in (await system.asked()).items():
            assert not set(counts) & ids_at(provider, done), provider
        assert all(map(is_done, (await statuses(api, library)).values()))
