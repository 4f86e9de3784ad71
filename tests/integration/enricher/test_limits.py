"""Providers that limit, refuse or fail: what is waited out, what pauses them, and how they come back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.enricher.conftest import World, eventually
from tests.integration.enricher.runs import ended, films, run, waits

from metarr_chassis.clock import Clock
from metarr_chassis.event_store import Recorded
from metarr_chassis.rate import Rate, SharedRate
from metarr_contracts import events, subjects
from metarr_contracts.events import SchedulePlanned
from metarr_enricher import asking, pacing
from metarr_enricher.lane import Lane
from metarr_enricher.provider_board import ProviderBoard
from metarr_enricher.providers.outcomes import Answer, QuotaExhausted, Throttled, Unavailable

RUN = Lane(run=True)
TWO = (
    {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093", "tmdbId": 603},
    {"title": "Inception", "year": 2010, "imdbId": "tt1375666", "tmdbId": 27205},
)


def outcomes(end: object) -> dict[str, str]:
    """How each provider fared."""
    assert isinstance(end, events.MovieEnriched | events.EnrichmentFailed)
    return {fared.name: fared.outcome for fared in end.providers}


def reasons(end: object) -> dict[str, str]:
    """Why each field is missing."""
    assert isinstance(end, events.MovieEnriched | events.EnrichmentFailed)
    return {lack.field: lack.reason for lack in end.missing}


async def test_a_used_up_quota_pauses_until_the_next_scheduled_run(world: World) -> None:
    """What is there stays, what is missing says why, the next film does not ask, and then everything is filled."""
    running = await world.enricher()
    first, second = [await world.add(**film) for film in TWO]
    await world.refreshed(first)
    had = (await world.film(first)).fields
    due = datetime.now(UTC) + timedelta(hours=10)
    plan = SchedulePlanned(scheduled_for=due, cron="0 3 * * *", time_zone="UTC", at=datetime.now(UTC))
    await world.append(subjects.SCHEDULE_EVENTS, plan)
    await world.provider("omdb", fault={"kind": "quota"})

    limited = await world.refreshed(first, force=True)
    assert isinstance(limited, events.MovieEnriched)
    assert limited.partial
    assert {fared.name: fared.limited_until for fared in limited.providers} == {
        "tmdb": None,
        "omdb": due,
        "fanart": None,
    }
    assert (await world.film(first)).fields.keys() == had.keys()
    assert (await world.film(first)).fields["imdb_rating"] == had["imdb_rating"]

    asked = (await world.requests())["omdb"]
    bare = await world.refreshed(second)
    assert outcomes(bare) == {"tmdb": "found", "omdb": "quota_exhausted", "fanart": "found"}
    assert reasons(bare)["imdb_rating"] == "rate_limited"
    assert "plot" not in reasons(bare)
    assert (await world.requests())["omdb"] == asked
    assert await world.provider_story("omdb") == ["ProviderConfigured", "ProviderPaused"]

    await world.provider("omdb", fault=None)
    await world.advance(timedelta(hours=11), [running])
    filled = await world.refreshed(second, at=running.clock.now())
    assert isinstance(filled, events.MovieEnriched)
    assert (filled.partial, "imdb_rating" in filled.changed) == (False, True)
    assert await world.provider_story("omdb") == ["ProviderConfigured", "ProviderPaused", "ProviderResumed"]


async def test_films_that_meet_the_limit_together_pause_the_provider_once(world: World) -> None:
    """The daily limit is reached in the middle of twenty films on two enrichers."""
    ids = await world.seed(*({"title": f"A {n}", "imdbId": f"tt00010{n:02}", "tmdbId": 1000 + n} for n in range(20)))
    await world.provider("omdb", dailyLimit=7)
    await world.enricher(concurrency=4)
    await world.enricher(concurrency=4)
    await world.acknowledged_within(3_600)
    jobs = [(await world.refresh(movie_id), movie_id) for movie_id in ids]
    ends = [await world.end_of(*job) for job in jobs]
    told = [outcomes(end)["omdb"] for end in ends]
    assert told.count("quota_exhausted") == 13
    assert [end.partial for end in ends if isinstance(end, events.MovieEnriched)].count(True) == 13
    story = await world.provider_story("omdb")
    assert [name for name in story if name != "ProviderConfigured"] == ["ProviderPaused"]
    state = [one.body for one in await world.history("metarr.evt.provider.omdb")][-1]
    assert isinstance(state, events.ProviderPaused)
    # Without a schedule: until midnight UTC.
    assert (state.until.hour, state.until.minute, state.until > datetime.now(UTC)) == (0, 0, True)


async def test_another_replica_knows_of_a_pause(world: World) -> None:
    """It follows what the others write, and one that starts later reads it."""
    await world.enricher(concurrency=1)
    first, second = [await world.add(**film) for film in TWO]
    await world.provider("omdb", fault={"kind": "quota"})
    await world.refreshed(first)
    asked = (await world.requests())["omdb"]
    late = await world.enricher()
    assert outcomes(await world.refreshed(second))["omdb"] == "quota_exhausted"
    await late.stop()
    assert (await world.requests())["omdb"] == asked


async def test_the_quota_is_learned_when_it_is_used_up(world: World) -> None:
    """What was answered that day; a probe that is refused after the pause says nothing new."""
    running = await world.enricher(concurrency=1)
    ids = [await world.add(title=f"A {n}", imdbId=f"tt00010{n:02}", tmdbId=1000 + n) for n in range(6)]
    await world.provider("omdb", dailyLimit=5)
    for movie_id in ids:
        await world.refreshed(movie_id)
    await world.provider("omdb", fault={"kind": "quota"})
    await world.advance(timedelta(days=1), [running])
    await world.refreshed(ids[5], at=running.clock.now())
    paused = [one.body for one in await world.history("metarr.evt.provider.omdb")][1:]
    assert [one.requests for one in paused if isinstance(one, events.ProviderPaused)] == [5, None]


async def test_of_refusals_side_by_side_the_first_tells_the_quota(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is the last to know when the next run is planned: to the others its refusal was an answer."""
    gate = pacing.Pacing(SharedRate(world.bus, "omdb", Rate(1000)), 1000)
    store = world.store
    desk = asking.Desk(ProviderBoard(world.bus, store, Clock()), store, Clock(), {"omdb": gate})
    answered, read_last, reads = 5, store.last, 0

    async def refused() -> Answer:
        nonlocal answered
        answered += 1
        return QuotaExhausted()

    async def last(subject: str) -> Recorded | None:
        nonlocal reads
        reads += subject == subjects.SCHEDULE_EVENTS
        for _ in range(30 if reads == 1 else 0):
            await read_last(subject)
        return await read_last(subject)

    monkeypatch.setattr(gate, "answered_on", lambda _: answered)
    monkeypatch.setattr(store, "last", last)
    await asyncio.gather(*(desk.ask("omdb", refused, Lane()) for _ in range(2)))
    [paused] = [one.body for one in await world.history("metarr.evt.provider.omdb")]
    assert isinstance(paused, events.ProviderPaused)
    assert paused.requests == 5


async def test_after_a_pause_one_film_is_the_probe(world: World) -> None:
    """Sixteen come at once and the quota is still used up: one request, and the others hear of it."""
    running = await world.enricher()
    ids = [await world.add(title=f"A {n}", imdbId=f"tt00010{n:02}", tmdbId=1000 + n) for n in range(16)]
    await world.provider("omdb", fault={"kind": "quota"}, latencyMs=300)
    await world.refreshed(ids[0])
    await world.advance(timedelta(days=1), [running])
    for asked_again in (1, 0):
        asked = (await world.requests())["omdb"]
        now = running.clock.now()
        jobs = [(await world.refresh(movie_id, at=now), movie_id) for movie_id in ids]
        assert {outcomes(await world.end_of(*job))["omdb"] for job in jobs} == {"quota_exhausted"}
        assert (await world.requests())["omdb"] == asked + asked_again
    await world.provider("omdb", fault=None, latencyMs=0)
    await world.advance(timedelta(days=1), [running])
    jobs = [(await world.refresh(movie_id, at=running.clock.now()), movie_id) for movie_id in ids]
    assert {outcomes(await world.end_of(*job))["omdb"] for job in jobs} == {"found"}
    story = await world.provider_story("omdb")
    assert story == ["ProviderConfigured", "ProviderPaused", "ProviderPaused", "ProviderResumed"]


async def test_a_probe_that_fails_pauses_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that is still down does not hold up one film after the other."""
    monkeypatch.setattr("metarr_enricher.providers.client.backoff", lambda *_: 0.0)
    running = await world.enricher()
    ids = [await world.add(title=f"A {n}", imdbId=f"tt00010{n:02}", tmdbId=1000 + n) for n in range(16)]
    await world.provider("omdb", fault={"kind": "http", "status": 503})
    for movie_id in ids[: asking.FAILURES_BEFORE_PAUSE]:
        await world.refreshed(movie_id)
    await world.advance(timedelta(minutes=6), [running])
    asked = (await world.requests())["omdb"]
    jobs = [(await world.refresh(movie_id, at=running.clock.now()), movie_id) for movie_id in ids]
    assert {outcomes(await world.end_of(*job))["omdb"] for job in jobs} == {"unavailable"}
    # One request and two retries.
    assert (await world.requests())["omdb"] == asked + 3
    paused = [one.body for one in await world.history("metarr.evt.provider.omdb")][-1]
    assert isinstance(paused, events.ProviderPaused)
    assert paused.reason == "failures"


async def test_a_night_that_was_left_out_names_the_next_one_too(world: World) -> None:
    """Whatever became of a night, its event says when the next is: until then a used-up quota pauses."""
    await world.enricher()
    movie_id = await world.add(**TWO[0])
    now = datetime.now(UTC)
    due = now + timedelta(hours=10)
    missed = events.ScheduleMissed(scheduled_for=due, cron="0 3 * * *", time_zone="UTC", at=now, due=now)
    await world.append(subjects.SCHEDULE_EVENTS, missed)
    await world.provider("omdb", fault={"kind": "quota"})
    end = await world.refreshed(movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert {fared.limited_until for fared in end.providers} == {None, due}


async def test_a_wrong_key_is_used_once(real_world: World) -> None:
    """The provider says no, nobody asks again, and a changed key lifts it at the restart."""
    keys = {"tmdb_key": "sandbox-tmdb-key", "omdb_key": "wrong", "fanart_key": "sandbox-fanart-key"}
    running = await real_world.enricher(**keys)
    first, second = [await real_world.add(**film) for film in TWO]
    refused = await real_world.refreshed(first)
    assert outcomes(refused)["omdb"] == "unauthorized"
    assert reasons(refused)["imdb_rating"] == "provider_error"
    assert outcomes(await real_world.refreshed(second))["omdb"] == "unauthorized"
    assert (await real_world.requests())["omdb"] == 1
    await running.stop()
    running = await real_world.enricher(**keys)
    assert outcomes(await real_world.refreshed(second))["omdb"] == "unauthorized"
    assert (await real_world.requests())["omdb"] == 1
    await running.stop()
    await real_world.enricher(**keys | {"omdb_key": "sandbox-omdb-key"})
    assert outcomes(await real_world.refreshed(second))["omdb"] == "found"
    assert await real_world.provider_story("omdb") == [
        "ProviderConfigured",
        "ProviderKeyRefused",
        "ProviderConfigured",
    ]
    wrong = [one.body for one in await real_world.history("metarr.evt.provider.omdb")]
    assert "wrong" not in "".join(body.to_json().decode() for body in wrong if body)


@pytest.mark.parametrize("form", ["retry_after", "bare", "html"])
async def test_short_throttling_is_waited_out(world: World, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """With Retry-After, without, and with a proxy's page: the film is complete, and the rate is halved."""
    slowed: list[float] = []

    async def slow(gate: pacing.Pacing, outcome: object) -> None:
        slowed.append(1)
        await on_throttled(gate, outcome)  # type: ignore[arg-type]

    on_throttled = pacing.Pacing.on_throttled
    monkeypatch.setattr(pacing.Pacing, "on_throttled", slow)
    monkeypatch.setattr(asking, "throttle_wait", lambda *_: 0.01)
    await world.enricher()
    movie_id = await world.add(**TWO[0])
    await world.provider("tmdb", fault={"kind": "throttle", "form": form, "retryAfter": 1, "count": 2})
    end = await world.refreshed(movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert (outcomes(end)["tmdb"], end.partial) == ("found", False)
    assert len(slowed) == 2
    assert (await world.requests())["tmdb"] == 3
    assert await world.provider_story("tmdb") == ["ProviderConfigured"]


async def test_a_refused_key_is_tried_again_after_an_hour(world: World) -> None:
    """One that is refused again holds for another hour; one that is accepted works at once."""
    running = await world.enricher()
    movie_id = await world.add(**TWO[0])
    await world.provider("omdb", fault={"kind": "unauthorized"})
    assert outcomes(await world.refreshed(movie_id))["omdb"] == "unauthorized"
    asked = (await world.requests())["omdb"]
    for hours in range(2):
        await world.advance(timedelta(minutes=61), [running])
        for _ in range(2):
            end = await world.refreshed(movie_id, at=running.clock.now())
            assert outcomes(end)["omdb"] == "unauthorized"
        assert (await world.requests())["omdb"] == asked + 1 + hours
    await world.provider("omdb", fault=None)
    await world.advance(timedelta(minutes=61), [running])
    assert outcomes(await world.refreshed(movie_id, at=running.clock.now()))["omdb"] == "found"
    assert await world.provider_story("omdb") == [
        "ProviderConfigured",
        *["ProviderKeyRefused"] * 3,
        "ProviderResumed",
    ]


async def test_endless_throttling_is_a_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that never stops makes the film partial and nothing more."""
    monkeypatch.setattr(asking, "throttle_wait", lambda *_: 0.01)
    await world.enricher()
    movie_id = await world.add(**TWO[0])
    await world.provider("tmdb", fault={"kind": "throttle", "form": "retry_after", "retryAfter": 1})
    end = await world.refreshed(movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert (outcomes(end)["tmdb"], end.partial, reasons(end)["tagline"]) == ("throttled", True, "rate_limited")
    [tmdb] = [fared for fared in end.providers if fared.name == "tmdb"]
    assert tmdb.limited_until is not None
    assert (await world.requests())["tmdb"] == asking.THROTTLE_ATTEMPTS
    assert await world.provider_story("tmdb") == ["ProviderConfigured"]


async def test_who_throttles_a_run_without_end_is_paused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """For five minutes, said once: the film that found out is throttled, and the run waits instead of trying each."""
    monkeypatch.setattr(asking, "throttle_wait", lambda *_: 0.01)
    gate = pacing.Pacing(SharedRate(world.bus, "tmdb", Rate(1000)), 1000)
    board = ProviderBoard(world.bus, world.store, Clock())
    desk = asking.Desk(board, world.store, Clock(), {"tmdb": gate})
    sent: list[str] = []

    async def throttled() -> Answer:
        sent.append("tmdb")
        return Throttled()

    told = await asyncio.gather(*(desk.ask("tmdb", throttled, RUN) for _ in range(3)))
    assert Throttled() in {asked.outcome for asked in told}
    assert len(sent) <= 3 * asking.RUN_THROTTLE_ATTEMPTS
    assert await world.provider_story("tmdb") == ["ProviderPaused"]
    [paused] = [one.body for one in await world.history("metarr.evt.provider.tmdb")]
    assert isinstance(paused, events.ProviderPaused)
    assert (paused.reason, paused.until - paused.at) == ("failures", asking.FAILURE_PAUSE)
    assert {asked.limited_until for asked in told} == {paused.until}
    assert (await desk.ask("tmdb", throttled, RUN)).outcome == Unavailable(paused.message)
    assert len(sent) <= 3 * asking.RUN_THROTTLE_ATTEMPTS


async def test_a_run_waits_for_who_wants_fewer_requests(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not go through the library film by film meanwhile; afterwards it goes on."""
    monkeypatch.setattr(asking, "throttle_wait", lambda *_: 0.01)
    await world.seed(*films(6))
    running = await world.enricher(bulk_window=1)
    await world.ask("rules", tmdbChanges=False)
    await world.provider("tmdb", fault={"kind": "throttle", "form": "bare"})
    job_id = await run(world)
    await eventually(lambda: waits(world, job_id))
    assert (await world.provider_story("tmdb"))[-1] == "ProviderPaused"
    assert (await world.requests())["tmdb"] == asking.RUN_THROTTLE_ATTEMPTS
    await world.provider("tmdb", fault=None)
    await world.advance(timedelta(minutes=6), [running])
    end = await ended(world, job_id)
    assert (end.status, end.counts.processed) == ("completed", 6)


async def test_long_throttling_is_a_pause(world: World) -> None:
    """The next film does not ask; when the time is over the provider is asked again."""
    running = await world.enricher()
    first, second = [await world.add(**film) for film in TWO]
    await world.provider("tmdb", fault={"kind": "throttle", "form": "retry_after", "retryAfter": 3600})
    for movie_id in (first, second):
        end = await world.refreshed(movie_id)
        assert isinstance(end, events.MovieEnriched)
        assert (outcomes(end)["tmdb"], end.partial, reasons(end)["tagline"]) == (
            "quota_exhausted",
            True,
            "rate_limited",
        )
    assert (await world.requests())["tmdb"] == 1
    paused = [one.body for one in await world.history("metarr.evt.provider.tmdb")][-1]
    assert isinstance(paused, events.ProviderPaused)
    assert (paused.reason, timedelta(minutes=59) < paused.until - paused.at <= timedelta(hours=1)) == ("quota", True)
    await world.provider("tmdb", fault=None)
    await world.advance(timedelta(minutes=61), [running])
    assert outcomes(await world.refreshed(second, at=running.clock.now()))["tmdb"] == "found"
    assert await world.provider_story("tmdb") == ["ProviderConfigured", "ProviderPaused", "ProviderResumed"]


async def test_ten_failures_in_a_row_pause_for_five_minutes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nobody asks; afterwards the first answer ends the pause."""
    monkeypatch.setattr("metarr_enricher.providers.client.backoff", lambda *_: 0.0)
    running = await world.enricher(concurrency=1)
    ids = [await world.add(title=f"A {n}", imdbId=f"tt00010{n:02}", tmdbId=1000 + n) for n in range(11)]
    await world.provider("fanart", fault={"kind": "http", "status": 503})
    ends = [await world.refreshed(movie_id) for movie_id in ids]
    assert {outcomes(end)["fanart"] for end in ends} == {"unavailable"}
    paused = [one.body for one in await world.history("metarr.evt.provider.fanart")][-1]
    assert isinstance(paused, events.ProviderPaused)
    assert (paused.reason, paused.until - paused.at) == ("failures", timedelta(minutes=5))
    # Each failure is one request and two retries; the eleventh film does not ask.
    assert (await world.requests())["fanart"] == 30
    await world.provider("fanart", fault=None)
    await world.advance(timedelta(minutes=6), [running])
    end = await world.refreshed(ids[0], at=running.clock.now())
    assert outcomes(end)["fanart"] in ("found", "not_found")
    await eventually(lambda: _resumed(world))


async def _resumed(world: World) -> bool:
    return (await world.provider_story("fanart"))[-1] == "ProviderResumed"


async def test_an_answer_in_between_ends_a_row_of_failures(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only failures one after the other pause a provider."""
    monkeypatch.setattr("metarr_enricher.providers.client.backoff", lambda *_: 0.0)
    await world.enricher(concurrency=1)
    ids = [await world.add(title=f"A {n}", imdbId=f"tt00010{n:02}", tmdbId=1000 + n) for n in range(12)]
    await world.provider("fanart", fault={"kind": "http", "ids": [str(1000 + n) for n in range(12) if n != 6]})
    for movie_id in ids:
        await world.refreshed(movie_id)
    assert await world.provider_story("fanart") == ["ProviderConfigured"]
