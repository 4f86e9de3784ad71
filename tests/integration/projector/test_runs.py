"""Runs over the whole library: what is shown of them, while they go on and afterwards."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.integration.projector.scenes import PATIENCE_SECONDS, Asker, Notes, Projector, Rows, Running, Stream, rebuild
from tests.unit.metarr_projector import run_events
from tests.unit.metarr_projector.histories import START, missing_of
from tests.unit.metarr_projector.run_events import END, JOB, LIMITED, OMDB, TMDB
from tests.unit.metarr_projector.run_histories import counts_of

from metarr_chassis.bus import Bus
from metarr_chassis.errors import RefusedError
from metarr_contracts import events, streams, subjects
from metarr_contracts.bulk import ResumeFrom, RunMovie
from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import Completeness, ExternalIds, ProviderOutcome
from metarr_contracts.rates import Booked
from metarr_contracts.readmodels import (
    Activity,
    ActivityPage,
    ActivityQuery,
    BulkStatus,
    CurrentRun,
    Job,
    JobQuery,
    LastRun,
    LiveRunStats,
    MovieQuery,
    MovieStatus,
    NextRun,
    ProviderStates,
    Query,
    RunReport,
    RunStats,
    Schedule,
)
from metarr_contracts.websocket import BulkComplete, BulkProgress, BulkRateLimit

RESUME = ResumeFrom(movie_id=8, position=8, title="Alien")
STOPPED = run_events.ended(
    status="partial",
    counts=counts_of(10, 4, 5, 1),
    providers=(TMDB, OMDB.model_copy(update={"limited_at": LIMITED})),
    resume_from=RESUME,
)


async def _add(stream: Stream, count: int) -> int:
    """So many films come into the library; the sequence of the last one."""
    last = 0
    for movie_id in range(1, count + 1):
        added = events.MovieAdded(
            movie_id=movie_id, title="Ran", year=1985, ids=ExternalIds(), request="r", missing=missing_of(set())
        )
        last = await stream.movie(movie_id, added)
    return last


async def _book(bus: Bus, provider: ProviderName, data: bytes) -> None:
    """What those who ask a provider keep of its requests."""
    await bus.js.publish(f"$KV.{streams.RATES}.{provider}", data)


async def _status(ask: Asker, *seqs: int) -> BulkStatus:
    """The status of runs as soon as it holds all of this."""
    return await ask("bulk.status", BulkStatus, Query(after=max(seqs)))


def _running(**changes: Any) -> CurrentRun:
    told = {
        "job_id": JOB,
        "trigger": "manual",
        "force": False,
        "started_at": START,
        "progress": 0,
        "processed_movies": 0,
        "total_movies": 10,
        "current_movie": RunMovie(id=1, title="Ran"),
        "rate_limited_providers": (),
        "stats": LiveRunStats(total_movies=10, processed=0, skipped=0, failed=0, remaining=10),
    }
    return CurrentRun.model_validate({**told, **changes})


def _timeless(status: BulkStatus) -> CurrentRun | None:
    """The run that goes on, apart from what follows the clock."""
    return status.current_run and status.current_run.model_copy(update={"elapsed": 0, "estimated_remaining": None})


@pytest.mark.usefixtures("projecting")
async def test_before_the_first_run(ask: Asker) -> None:
    """Nothing ran, nothing is planned, the library is empty: there is an answer nevertheless."""
    assert await ask("bulk.status", BulkStatus) == BulkStatus(
        last_run=None,
        next_run=None,
        current_run=None,
        schedule=None,
        total_movies=0,
        estimated_duration=1,
        forced_duration=1,
    )
    assert await ask("activity.list", ActivityPage) == ActivityPage(activities=(), total=0, next_cursor=None)


async def test_next_run_follows_the_clock(ask: Asker, stream: Stream, projecting: Running) -> None:
    """The next run is so many seconds away, never fewer than none, and not there while the schedule is off."""
    due = (projecting.clock.now() + timedelta(hours=22)).replace(microsecond=0)
    longest = (due - projecting.clock.now()).total_seconds()
    status = await _status(ask, *await stream.schedule(run_events.planned(scheduled_for=due, time_zone="Europe/Rome")))
    assert status.next_run is not None
    assert status.next_run.scheduled_at == due
    shortest = (due - projecting.clock.now()).total_seconds() - 1
    assert shortest < status.next_run.time_until <= longest
    assert status.schedule == Schedule(cron="0 3 * * *", time_zone="Europe/Rome")
    projecting.clock.shift(timedelta(hours=23))
    assert (await ask("bulk.status", BulkStatus)).next_run == NextRun(scheduled_at=due, time_until=0)
    off = await _status(ask, *await stream.schedule(run_events.planned(scheduled_for=None, cron=None)))
    assert (off.next_run, off.schedule) == (None, None)


@pytest.mark.usefixtures("projecting")
async def test_run_that_goes_on(ask: Asker, stream: Stream) -> None:
    """From its first event on the run shows how far it is, whose quota is used up and why it waits."""
    [seq] = await stream.run(run_events.started())
    status = await _status(ask, seq)
    assert (status.last_run, _timeless(status)) == (None, _running(seq=seq))

    [seq] = await stream.run(run_events.progressed(waiting="All providers are down", waiting_until=END))
    going = {
        "progress": 70,
        "processed_movies": 7,
        "current_movie": RunMovie(id=8, title="Alien"),
        "stats": LiveRunStats(total_movies=10, processed=4, skipped=2, failed=1, remaining=3),
    }
    waiting = {"waiting": "All providers are down", "waiting_until": END}
    assert _timeless(await _status(ask, seq)) == _running(**going, **waiting, seq=seq)

    [_, seq] = await stream.run(run_events.progressed(), run_events.limited())
    assert _timeless(await _status(ask, seq)) == _running(**going, seq=seq, rate_limited_providers=("omdb",))


@pytest.mark.usefixtures("projecting")
async def test_run_that_is_to_end(ask: Asker, stream: Stream) -> None:
    """A run that a person has cancelled says so until it has ended, whatever is told meanwhile; its job still runs."""
    [_, _, seq] = await stream.run(run_events.started(), run_events.cancel(), run_events.progressed())
    status = await _status(ask, seq)
    assert status.current_run is not None
    assert (status.current_run.state, status.current_run.processed_movies) == ("cancelling", 7)
    job = await ask("job.get", Job, JobQuery(job_id=JOB))
    assert job.run is not None
    assert (job.state, job.run.status) == ("running", "running")
    [_, seq] = await stream.run(run_events.ended(status="cancelled"), run_events.started(902))
    status = await _status(ask, seq)
    assert status.last_run is not None
    assert status.last_run.status == "cancelled"
    assert _timeless(status) == _running(job_id=902, seq=seq)


@pytest.mark.usefixtures("projecting")
async def test_other_job_that_is_to_end(ask: Asker, stream: Stream) -> None:
    """A cancelled import leaves the run that goes on as it is."""
    [seq] = await stream.run(run_events.started())
    last = await stream.tell(subjects.job_event(9), run_events.cancel(9))
    assert _timeless(await _status(ask, last)) == _running(seq=seq)


async def test_how_long_a_run_takes(ask: Asker, stream: Stream, projecting: Running) -> None:
    """Since its start by the product's clock, never less than nothing; the rest at the pace so far, if it goes on."""
    hour = timedelta(hours=1)
    projecting.clock.shift(START - hour - projecting.clock.now())
    counts = counts_of(40, 10, 5, 5)
    seqs = await stream.run(run_events.started(counts=counts_of(40)), run_events.progressed(counts=counts))
    run = (await _status(ask, *seqs)).current_run
    assert run is not None
    assert (run.elapsed, run.estimated_remaining) == (0, None)

    projecting.clock.shift(projecting.clock.offset + hour * 2)
    before = projecting.clock.now()
    run = (await _status(ask, *seqs)).current_run
    assert run is not None
    earliest, latest = ((now - START).total_seconds() for now in (before, projecting.clock.now()))
    assert int(earliest) <= run.elapsed <= latest
    assert run.estimated_remaining is not None
    assert earliest <= run.estimated_remaining <= latest + 1

    waits, goes_on = (run_events.progressed(counts=counts, waiting=why) for why in ("All providers are down", None))
    for told in ((waits,), (goes_on, run_events.cancel())):
        run = (await _status(ask, *await stream.run(*told))).current_run
        assert run is not None
        assert run.estimated_remaining is None
        assert run.elapsed >= int(earliest)


@pytest.mark.usefixtures("projecting")
async def test_run_that_stopped_early(ask: Asker, stream: Stream) -> None:
    """Where a run stopped, at whose limit and when, stays until the next one has ended."""
    seqs = await stream.run(run_events.started(trigger="schedule"), run_events.limited(), STOPPED)
    last_run = LastRun(
        job_id=JOB,
        trigger="schedule",
        force=False,
        started_at=START,
        completed_at=END,
        status="partial",
        stats=RunStats(total_movies=10, processed=4, skipped=5, failed=1),
        remaining=3,
        rate_limit_hit=True,
        rate_limited_providers=("omdb",),
        resume_from=RESUME,
        providers=STOPPED.providers,
    )
    status = await _status(ask, *seqs)
    assert (status.last_run, status.current_run) == (last_run, None)
    [seq] = await stream.run(run_events.started(902))
    status = await _status(ask, seq)
    assert (status.last_run, _timeless(status)) == (last_run, _running(job_id=902, seq=seq))


@pytest.mark.usefixtures("projecting")
@pytest.mark.parametrize("status", ["completed", "partial", "cancelled", "failed"])
async def test_ends_of_a_run(ask: Asker, stream: Stream, status: str) -> None:
    """Each way to end is shown as what it is, in the status, the history and the job."""
    error, code = ("All providers failed", "all_providers_failed") if status == "failed" else (None, None)
    end = run_events.ended(status=status, error=error, code=code)
    seqs = await stream.run(run_events.started(), run_events.progressed(), end)
    shown = await _status(ask, *seqs)
    assert shown.last_run is not None
    assert (shown.last_run.status, shown.last_run.error, shown.last_run.rate_limit_hit) == (status, error, False)
    [activity] = (await ask("activity.list", ActivityPage)).activities
    assert (activity.status, activity.error) == (status, error)
    job = await ask("job.get", Job, JobQuery(job_id=JOB))
    assert job.state == ("completed" if status == "partial" else status)
    assert job.code == (code if status == "failed" else None if status == "completed" else status)
    assert (job.kind, job.error, job.progress) == ("bulk", error, 100 if status == "completed" else 70)


async def test_estimate(bus: Bus, ask: Asker, stream: Stream, projecting: Running) -> None:
    """At first by the rate of TMDB, then by the last run that says something; no further than a quota reaches."""
    last = await _add(stream, 60)
    assert (await _status(ask, last)).estimated_duration == 3
    measured = run_events.ended(901, counts=counts_of(40, 20, 20), completed_at=START + timedelta(seconds=40))
    small = run_events.ended(902, counts=counts_of(40, 9, 31))
    waited = run_events.ended(903, counts=counts_of(40, 20, 20), status="failed")
    told = (run_events.started(901), measured, run_events.started(902), small, run_events.started(903), waited)
    status = await _status(ask, *await stream.run(*told))
    assert (status.total_movies, status.estimated_duration) == (60, 120)

    last = await _learn(stream, requests=1_000, until=START)
    projecting.clock.shift(START - projecting.clock.now())
    # A night that began within the provider's own day met less of its quota.
    last = await _learn(stream, requests=400, until=START)
    await _book(bus, "omdb", Booked(day=START.date(), requests=970).to_json())
    assert (await _status(ask, last)).estimated_duration == 60


async def test_films_that_were_asked_about_lately_take_no_time(ask: Asker, stream: Stream, projecting: Running) -> None:
    """Unless a run is forced, a provider is on that was off then, or a week has passed."""
    projecting.clock.shift(START - projecting.clock.now())
    last = await _add(stream, 60)
    for movie_id in range(1, 41):
        last = await stream.movie(movie_id, _refreshed(movie_id, at=START))
    status = await _status(ask, last)
    assert (status.total_movies, status.estimated_duration, status.forced_duration) == (60, 1, 3)

    later = START + timedelta(hours=1)
    on = events.ProviderConfigured(provider="omdb", on=True, key_fingerprint="a", at=later)
    last = await stream.tell(subjects.provider_event("omdb"), on)
    assert (await _status(ask, last)).estimated_duration == 3
    for movie_id in range(1, 41):
        last = await stream.movie(movie_id, _refreshed(movie_id, at=later + timedelta(hours=1)))
    assert (await _status(ask, last)).estimated_duration == 1
    projecting.clock.shift(projecting.clock.offset + timedelta(days=8))
    assert (await _status(ask, last)).estimated_duration == 3


def _refreshed(movie_id: int, at: datetime) -> events.MovieEnriched:
    return events.MovieEnriched(
        movie_id=movie_id,
        job_id=movie_id,
        started_at=at,
        completed_at=at,
        partial=False,
        changed={},
        providers=(ProviderOutcome(name="tmdb", outcome="found"),),
        completeness=Completeness(before=0, after=0),
        missing=missing_of(set()),
    )


async def _learn(stream: Stream, *, requests: int, until: datetime) -> int:
    """OMDb's quota is used up after so many requests; the sequence."""
    subject = subjects.provider_event("omdb")
    on = events.ProviderConfigured(provider="omdb", on=True, key_fingerprint="a", at=START)
    await stream.tell(subject, on)
    used_up = events.ProviderPaused(
        provider="omdb", reason="quota", until=until, message="Limit", at=START, requests=requests
    )
    return await stream.tell(subject, used_up)


async def test_requests_and_quota(bus: Bus, ask: Asker, stream: Stream, projecting: Running) -> None:
    """Requests of today are those on the bus; what remains is known once a quota was used up, and 0 until it ends."""
    projecting.clock.shift(START - projecting.clock.now())
    now = projecting.clock.now()
    await _book(bus, "tmdb", b"1763780400.25")
    await _book(bus, "omdb", Booked(next_free=1.5, day=now.date(), requests=400).to_json())
    await _book(bus, "fanart", Booked(day=now.date() - timedelta(days=1), requests=7).to_json())
    states = (await ask("provider.status", ProviderStates)).providers
    assert [(state.requests_today, state.remaining) for state in states] == [(0, None), (400, None), (0, None)]

    until = now + timedelta(minutes=5)
    last = await _learn(stream, requests=1_000, until=until)
    omdb = (await ask("provider.status", ProviderStates, Query(after=last))).providers[1]
    assert (omdb.state, omdb.until, omdb.requests_today, omdb.remaining) == ("paused", until, 400, 0)
    resumed = events.ProviderResumed(provider="omdb", at=now, by="user")
    last = await stream.tell(subjects.provider_event("omdb"), resumed)
    omdb = (await ask("provider.status", ProviderStates, Query(after=last))).providers[1]
    assert (omdb.state, omdb.remaining) == ("on", 600)
    projecting.clock.shift(projecting.clock.offset + timedelta(days=1))
    omdb = (await ask("provider.status", ProviderStates)).providers[1]
    assert (omdb.requests_today, omdb.remaining) == (0, 1_000)

    other_key = events.ProviderConfigured(provider="omdb", on=True, key_fingerprint="b", at=now)
    last = await stream.tell(subjects.provider_event("omdb"), other_key)
    omdb = (await ask("provider.status", ProviderStates, Query(after=last))).providers[1]
    assert omdb.remaining is None


@pytest.mark.usefixtures("projecting")
async def test_history_in_pages(ask: Asker, stream: Stream) -> None:
    """Runs and nights that were left out, newest first, each once, also when more come meanwhile."""
    ids: list[int] = []
    for number in range(4):
        ids += (await stream.run(run_events.started(900 + number), run_events.ended(900 + number)))[:1]
        ids += await stream.schedule(run_events.skipped(), run_events.missed())
    [going] = await stream.run(run_events.started(950))
    ids.append(going)
    found: list[int] = []
    page = await ask("activity.list", ActivityPage, ActivityQuery(limit=5, after=going))
    assert (len(page.activities), page.total) == (5, 13)
    await stream.schedule(run_events.missed())
    found += [activity.id for activity in page.activities]
    while page.next_cursor:
        page = await ask("activity.list", ActivityPage, ActivityQuery(limit=4, cursor=page.next_cursor))
        found += [activity.id for activity in page.activities]
    assert found == sorted(ids, reverse=True)


@pytest.mark.usefixtures("projecting")
async def test_entries_of_the_history(ask: Asker, stream: Stream) -> None:
    """A run with its figures, one that goes on, and nights that were left out and have none."""
    [first, _, _] = await stream.run(run_events.started(trigger="schedule"), run_events.limited(), STOPPED)
    [skipped, missed] = await stream.schedule(run_events.skipped(), run_events.missed())
    [going, last] = await stream.run(run_events.started(902, force=True), run_events.progressed(902))
    page = await ask("activity.list", ActivityPage, ActivityQuery(after=last))
    plain: dict[str, Any] = {
        "force": False,
        "completed_at": None,
        "duration": None,
        "stats": None,
        "rate_limit_hit": False,
        "rate_limited_providers": (),
        "resume_from": None,
        "providers": (),
    }
    left_out = {**plain, "trigger": "schedule", "scheduled_for": START}
    assert page.activities == (
        Activity(
            **plain
            | {
                "id": going,
                "status": "running",
                "job_id": 902,
                "trigger": "manual",
                "force": True,
                "scheduled_for": None,
                "started_at": START,
                "stats": RunStats(total_movies=10, processed=4, skipped=2, failed=1),
                "remaining": 3,
                "providers": (TMDB, OMDB),
            }
        ),
        Activity(**left_out, id=missed, status="missed", job_id=None, started_at=START + timedelta(hours=9)),
        Activity(**left_out, id=skipped, status="skipped", job_id=JOB, started_at=START + timedelta(seconds=1)),
        Activity(
            id=first,
            status="partial",
            job_id=JOB,
            trigger="schedule",
            force=False,
            scheduled_for=None,
            started_at=START,
            completed_at=END,
            duration=2_700,
            stats=RunStats(total_movies=10, processed=4, skipped=5, failed=1),
            remaining=3,
            rate_limit_hit=True,
            rate_limited_providers=("omdb",),
            resume_from=RESUME,
            providers=STOPPED.providers,
        ),
    )


@pytest.mark.usefixtures("projecting")
async def test_wrong_question_about_the_history(bus: Bus) -> None:
    """400 says which part of the question is wrong."""
    for payload, field in ((b'{"cursor":"e30="}', "cursor"), (b'{"limit":201}', "limit"), (b'{"type":"x"}', "type")):
        with pytest.raises(RefusedError) as refused:
            await bus.request(subjects.query("activity.list"), payload, timeout=PATIENCE_SECONDS)
        assert (refused.value.status, refused.value.refused.field) == (400, field)


@pytest.mark.usefixtures("projecting")
async def test_report_of_a_run_in_pages(ask: Asker, stream: Stream) -> None:
    """Films that failed are told bit by bit, listed once each and page by page, also while the run goes on."""
    some = tuple(run_events.failed_movie(movie_id) for movie_id in range(1, 151))
    more = tuple(run_events.failed_movie(movie_id) for movie_id in range(150, 301))
    [_, last] = await stream.run(run_events.started(), run_events.progressed(failures=some))
    job = await ask("job.get", Job, JobQuery(job_id=JOB, after=last))
    assert (job.kind, job.state, job.progress, job.started_at, job.report) == ("bulk", "running", 70, START, None)
    assert job.run == RunReport(
        status="running",
        stats=LiveRunStats(total_movies=10, processed=4, skipped=2, failed=1, remaining=3),
        remaining=3,
        providers=(TMDB, OMDB),
        resume_from=None,
        failures=some,
        next_row_offset=None,
    )
    [_, last] = await stream.run(run_events.progressed(failures=more), STOPPED)
    run = (await ask("job.get", Job, JobQuery(job_id=JOB, after=last))).run
    assert run is not None
    assert (run.status, run.resume_from, run.stats.remaining, run.remaining) == ("partial", RESUME, 0, 3)
    assert (len(run.failures), run.next_row_offset) == (200, 200)
    rest = (await ask("job.get", Job, JobQuery(job_id=JOB, row_offset=200))).run
    assert rest is not None
    assert ([film.movie_id for film in rest.failures], rest.next_row_offset) == (list(range(201, 301)), None)


@pytest.mark.usefixtures("projecting")
async def test_rejected_run(ask: Asker, stream: Stream, notes: Notes) -> None:
    """A night that was run already is a failed job without a report, and no run; its end is told after the commit."""
    rejected = events.CommandRejected(job_id=9, kind="bulk", movie_id=None, code="already_ran", error="Ran already")
    last = await stream.tell(subjects.job_event(9), rejected)
    job = await ask("job.get", Job, JobQuery(job_id=9, after=last))
    assert (job.kind, job.state, job.code, job.run) == ("bulk", "failed", "already_ran", None)
    assert (await ask("bulk.status", BulkStatus)).last_run is None
    await notes.until([last])
    [frame] = notes.frames
    assert isinstance(frame, BulkComplete)
    assert (frame.job_id, frame.status, frame.stats.total_movies, frame.error) == (9, "failed", 0, "Ran already")


@pytest.mark.usefixtures("projecting")
async def test_film_that_a_run_puts_off(ask: Asker, stream: Stream, rows: Rows, notes: Notes) -> None:
    """An incomplete refresh of a run leaves the film's rows byte for byte as they were and is told to nobody."""
    await _add(stream, 1)
    found = ProviderOutcome(name="tmdb", outcome="found", fetched_at=START)
    end = {"movie_id": 1, "started_at": START, "completed_at": START + timedelta(seconds=1)}
    enriched = events.MovieEnriched(
        **end,
        job_id=5,
        partial=False,
        changed={},
        providers=(found,),
        completeness=Completeness(before=0, after=0),
        missing=missing_of(set()),
    )
    before = await ask("movie.status", MovieStatus, MovieQuery(movie_id=1, after=await stream.movie(1, enriched)))
    put_off = events.EnrichmentFailed(
        **end,
        job_id=6,
        run_id=JOB,
        code="incomplete",
        error="OMDb did not answer",
        providers=(ProviderOutcome(name="omdb", outcome="quota_exhausted"),),
        missing=(),
    )
    films = "SELECT m::text || d::text FROM live.movie m JOIN live.movie_detail d ON d.movie_id = m.id"
    row = await rows.connection.fetchval(films)
    last = await stream.movie(1, put_off)
    assert await ask("movie.status", MovieStatus, MovieQuery(movie_id=1, after=last)) == before
    assert await rows.connection.fetchval(films) == row
    job = await ask("job.get", Job, JobQuery(job_id=6))
    assert (job.state, job.error, job.code) == ("failed", "OMDb did not answer", "incomplete")
    told = await stream.movie(1, put_off.model_copy(update={"run_id": None, "job_id": 7}))
    await notes.until([told])
    assert notes.seqs == [told - 2, told]


@pytest.mark.usefixtures("projecting")
async def test_notes_of_a_run(ask: Asker, stream: Stream, notes: Notes) -> None:
    """Each note comes after its rows and in the order of the events."""
    for event in (run_events.started(), run_events.progressed(), run_events.limited(), STOPPED):
        [seq] = await stream.run(event)
        await notes.until([seq])
        status = await ask("bulk.status", BulkStatus)
        shown = status.current_run.seq if status.current_run else status.last_run and seq
        assert shown == seq
    assert [type(frame) for frame in notes.frames] == [BulkProgress, BulkProgress, BulkRateLimit, BulkComplete]
    assert notes.seqs == [1, 2, 3, 4]


async def test_notes_of_a_run_after_an_outage(projector: Projector, rows: Rows, stream: Stream, notes: Notes) -> None:
    """Who comes back late hears the last progress of each run, and all limits and ends."""
    async with projector() as running:
        await running.until(ready=True)
    seqs = await stream.run(
        run_events.started(),
        *(run_events.progressed() for _ in range(50)),
        run_events.limited(),
        STOPPED,
        run_events.started(902),
        run_events.progressed(902),
    )
    async with projector() as running:
        await running.until(ready=True)
        await rows.reach(seqs[-1])
        await notes.until([seqs[-1]])
    kinds = [(frame.type, frame.seq) for frame in notes.frames if isinstance(frame, BulkRateLimit | BulkComplete)]
    assert kinds == [("bulk:rate_limit", seqs[51]), ("bulk:complete", seqs[52])]
    progress = [frame.seq for frame in notes.frames if isinstance(frame, BulkProgress)]
    assert {seqs[50], seqs[54]} <= set(progress)
    assert len(progress) < 52


async def test_rows_of_runs_made_anew(bus: Bus, projector: Projector, rows: Rows, stream: Stream) -> None:
    """Rebuilt from the events, the rows of runs, nights, quotas and the schedule are those that were there."""
    async with projector() as running:
        await running.until(ready=True)
        told = (run_events.started(), run_events.progressed(failures=(run_events.failed_movie(1),)))
        await stream.run(*told, run_events.limited(), run_events.limited(at=END), STOPPED, run_events.started(902))
        await stream.schedule(run_events.skipped(), run_events.missed(), run_events.planned())
        await rows.reach(await _learn(stream, requests=1_000, until=END))
        live = await rows.dump()
        await rebuild(bus)
        assert await rows.dump() == live
    for table in ("run", "run_failure", "night", "schedule", "provider"):
        assert await rows.connection.fetchval(f"SELECT count(*) FROM live.{table}") > 0  # noqa: S608
