"""Runs over the whole library: every film once, skipped where nothing is due, stopped and resumed, cancelled."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.integration.enricher.conftest import Held, eventually
from tests.integration.enricher.runs import (
    asked,
    ended,
    film,
    films,
    is_idle,
    is_paused,
    run,
    story,
    under_way,
    waits,
    whole,
)

from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import bulk, events, streams, subjects
from metarr_enricher import bulk_lead, worker
from metarr_enricher.enrichment import Enrichment
from metarr_enricher.providers.registry import Omdb
from metarr_enricher.run_window import RunWindow

if TYPE_CHECKING:
    from tests.integration.enricher.conftest import World

    from metarr_contracts.fields import ProviderName
    from metarr_enricher.bulk_providers import Verdict
    from metarr_enricher.gathering import EnrichJob

NIGHT = datetime(2025, 11, 22, 3, tzinfo=UTC)


class TestWholeRun:
    """A run that nothing disturbs."""

    async def test_all_films_are_processed_once(self, world: World) -> None:
        """Each provider is asked once about each; the next run asks nobody."""
        ids = await world.seed(*films(40))
        await world.enricher()
        end = await whole(world)
        assert (end.status, end.cursor, end.resume_from) == ("completed", 1, None)
        assert end.counts == bulk.RunCounts(total=40, processed=40, remaining=0)
        first = await asked(world)
        assert first == {"tmdb": 40, "omdb": 40, "fanart": 40}
        again = await whole(world)
        assert again.counts == bulk.RunCounts(total=40, skipped=40, remaining=0)
        assert await asked(world) == first
        for movie_id in ids:
            [enriched] = [event for event in await world.story(movie_id) if isinstance(event, events.MovieEnriched)]
            assert not enriched.partial

    async def test_force_asks_everybody_again(self, world: World) -> None:
        """Answers older than the command are not used."""
        await world.seed(*films(8))
        await world.enricher()
        await whole(world)
        end = await whole(world, force=True)
        assert end.counts.processed == 8
        assert await asked(world) == {"tmdb": 16, "omdb": 16, "fanart": 16}

    async def test_a_film_by_title_costs_two_requests_of_tmdb(self, world: World) -> None:
        """One to find it, one for all the rest; one where its id is known."""
        await world.seed({"title": "Alien", "year": 1979}, film(1))
        await world.enricher()
        end = await whole(world)
        assert end.counts.processed == 2
        assert (await asked(world))["tmdb"] == 3
        assert {one.name: one.requests for one in end.providers} == {"tmdb": 3, "omdb": 2, "fanart": 2}

    async def test_an_empty_library_is_done_at_once(self, world: World) -> None:
        """Nothing to do is no failure."""
        await world.enricher()
        end = await whole(world)
        assert (end.status, end.counts) == ("completed", bulk.RunCounts(total=0, remaining=0))

    async def test_films_that_come_and_go(self, world: World) -> None:
        """One that is removed before its turn is skipped; one that is added later waits for the next run."""
        ids = await world.seed(*films(30))
        await world.enricher(bulk_window=1)
        # The run is far from its last film for as long as that.
        await world.provider(latencyMs=1_000)
        job = await run(world)
        await under_way(world, 3)
        await world.ask("remove", movieId=ids[-1])
        added = await world.add(**film(5))
        await world.provider(latencyMs=0)
        end = await ended(world, job)
        assert end.counts == bulk.RunCounts(total=30, processed=29, skipped=1, remaining=0)
        assert not any(isinstance(event, events.MovieEnriched) for event in await world.story(added))

    async def test_a_removed_film_takes_no_part(self, world: World) -> None:
        """It is not counted."""
        ids = await world.seed(*films(3))
        await world.enricher()
        await world.ask("remove", movieId=ids[0])
        assert (await whole(world)).counts.total == 2


class TestOneAtATime:
    """One run at a time, each night once."""

    async def test_a_night_is_run_once(self, world: World) -> None:
        """The second command of the same night is rejected and says why."""
        await world.seed(film(1))
        await world.enricher()
        night = NIGHT.isoformat()
        assert (await whole(world, trigger="schedule", scheduledFor=night)).status == "completed"
        second = await run(world, trigger="schedule", scheduledFor=night)
        rejected = await world.end_of(second)
        assert isinstance(rejected, events.CommandRejected)
        assert (rejected.kind, rejected.code) == ("bulk", "already_ran")

    async def test_a_command_that_cannot_be_read_is_rejected(self, world: World) -> None:
        """And kept for whoever looks after it."""
        await world.enricher()
        job = await world.command(subjects.BULK_RUN, b'{"force": "perhaps"}')
        rejected = await world.end_of(job)
        assert isinstance(rejected, events.CommandRejected)
        assert (rejected.kind, rejected.code) == ("bulk", "invalid_command")
        assert rejected.error.startswith("force")
        assert len(await world.dead()) == 1


class TestQuota:
    """The first used-up quota stops the run; the next night goes on from there."""

    async def test_stops_at_the_film_that_got_no_answer(self, world: World) -> None:
        """Window of one: what was done stays, that film is unchanged, the next night begins with it."""
        ids = await world.seed(*films(30))
        running = await world.enricher(bulk_window=1)
        await world.provider("omdb", dailyLimit=10)
        end = await whole(world)
        assert end.status == "partial"
        assert end.counts == bulk.RunCounts(total=30, processed=10, skipped=20, remaining=0)
        assert end.resume_from == bulk.ResumeFrom(movie_id=ids[10], position=11, title="Film 1011")
        [limited] = [event for event in await story(world, end.job_id) if isinstance(event, bulk.BulkLimited)]
        assert limited.message == "OMDB rate limit reached - stopping bulk enrichment"
        assert limited.counts.processed == 10
        assert not any(isinstance(event, events.MovieEnriched) for event in await world.story(ids[10]))
        assert (await world.film(ids[10])).fields == {}
        first = await asked(world)
        assert first == {"tmdb": 10, "omdb": 11, "fanart": 10}

        await world.advance(timedelta(days=1), [running])
        await world.provider("omdb", dailyLimit=None)
        night = await whole(world)
        assert night.status == "completed"
        assert night.counts == bulk.RunCounts(total=30, processed=20, skipped=10, remaining=0)
        assert await asked(world) == {"tmdb": 30, "omdb": 31, "fanart": 30}

    async def test_with_a_window_each_film_is_wholly_done_or_unchanged(self, world: World) -> None:
        """And no film that was done is asked about again the next night."""
        ids = await world.seed(*films(60))
        running = await world.enricher(bulk_window=16)
        await world.provider("omdb", dailyLimit=25, latencyMs=5)
        end = await whole(world)
        assert (end.status, end.counts.processed, end.counts.failed) == ("partial", 25, 0)
        done = [
            movie_id
            for movie_id in ids
            if any(isinstance(event, events.MovieEnriched) for event in await world.story(movie_id))
        ]
        assert len(done) == 25
        for movie_id in set(ids) - set(done):
            assert (await world.film(movie_id)).fields == {}
        assert (await asked(world))["omdb"] <= 25 + 16

        await world.advance(timedelta(days=1), [running])
        await world.provider("omdb", dailyLimit=None)
        before = await asked(world)
        night = await whole(world)
        assert (night.status, night.counts.processed) == ("completed", 35)
        after = await asked(world)
        assert after["omdb"] - before["omdb"] == 35
        assert after["tmdb"] - before["tmdb"] <= 35

    async def test_a_run_started_while_the_quota_is_used_up_stops_at_once(self, world: World) -> None:
        """Without a request."""
        await world.seed(*films(5))
        await world.enricher()
        await world.provider("omdb", dailyLimit=0)
        await whole(world)
        first = await asked(world)
        again = await whole(world)
        assert (again.status, again.counts.processed) == ("partial", 0)
        assert await asked(world) == first

    async def test_a_provider_that_nobody_needs_ends_nothing(self, world: World) -> None:
        """All is fresh: that a quota is used up does not matter."""
        ids = await world.seed(*films(5))
        await world.enricher()
        await whole(world)
        await world.provider("omdb", fault={"kind": "quota"})
        await world.refreshed(ids[0], force=True)
        end = await whole(world)
        assert (end.status, end.counts.skipped) == ("completed", 5)

    async def test_the_other_rule_goes_on_without_the_provider(self, world: World) -> None:
        """The rest is done without it, and the next night it is asked about what it missed alone."""
        ids = await world.seed(*films(12))
        running = await world.enricher(bulk_window=1)
        await world.ask("rules", onQuota="pause_provider")
        await world.provider("omdb", dailyLimit=5)
        end = await whole(world)
        assert end.status == "partial"
        assert end.counts == bulk.RunCounts(total=12, processed=12, remaining=0)
        assert end.cursor == ids[5]
        partial = [event for event in await world.story(ids[5]) if isinstance(event, events.MovieEnriched)][-1]
        assert partial.partial
        await world.advance(timedelta(days=1), [running])
        await world.provider("omdb", dailyLimit=None)
        before = await asked(world)
        night = await whole(world)
        assert (night.status, night.counts.processed, night.counts.skipped) == ("completed", 7, 5)
        after = await asked(world)
        assert after["omdb"] - before["omdb"] == 7
        assert after["tmdb"] == before["tmdb"]

    async def test_a_share_is_kept_for_refreshes_by_hand(self, world: World) -> None:
        """Once it is known how large the quota is."""
        ids = await world.seed(*films(30))
        running = await world.enricher(bulk_window=1)
        await world.provider("omdb", dailyLimit=10)
        assert (await whole(world)).counts.processed == 10
        await world.ask("rules", manualReserve=20)
        await world.advance(timedelta(days=1), [running])
        night = await whole(world)
        assert (night.status, night.counts.processed) == ("partial", 8)
        by_hand = await world.refreshed(ids[29])
        assert isinstance(by_hand, events.MovieEnriched)
        assert not by_hand.partial


class TestFailures:
    """Bad days of providers."""

    async def test_a_film_that_always_fails_does_not_hold_the_cursor(self, world: World) -> None:
        """It counts as failed, is listed, and is tried again in the next round."""
        ids = await world.seed(*films(12))
        await world.enricher(bulk_window=2)
        await world.provider("omdb", fault={"kind": "http", "status": 500, "ids": ["tt0001003"]})
        end = await whole(world)
        assert (end.status, end.cursor) == ("completed", 1)
        assert end.counts == bulk.RunCounts(total=12, processed=11, failed=1, remaining=0)
        listed = [
            failed
            for event in await story(world, end.job_id)
            if isinstance(event, bulk.BulkProgressed)
            for failed in event.failures
        ]
        assert [(failed.movie_id, failed.title) for failed in listed] == [(ids[2], "Film 1003")]
        assert listed[0].error.startswith("OMDB: ")
        await world.provider("omdb", fault=None)
        again = await whole(world)
        assert again.counts == bulk.RunCounts(total=12, processed=1, skipped=11, remaining=0)

    async def test_a_film_that_fails_before_the_quota_is_used_up_is_listed(self, world: World) -> None:
        """It does not count as one that the run did not get to."""
        await world.seed(*films(8))
        await world.enricher(bulk_window=1)
        await world.provider("omdb", dailyLimit=1, fault={"kind": "http", "status": 500, "ids": ["tt0001002"]})
        end = await whole(world)
        assert (end.status, end.counts) == (
            "partial",
            bulk.RunCounts(total=8, processed=1, failed=1, skipped=6, remaining=0),
        )

    async def test_a_refused_key_ends_the_run(self, world: World) -> None:
        """The message names the key; the next run is normal again."""
        await world.seed(*films(6))
        running = await world.enricher(bulk_window=2)
        await world.provider("omdb", key="another")
        end = await whole(world)
        assert (end.status, end.code, end.counts.processed) == ("failed", "key_refused", 0)
        assert end.error is not None
        assert "METARR_OMDB_KEY" in end.error
        await world.provider("omdb", key="sandbox-omdb-key")
        await world.advance(timedelta(hours=2), [running])
        assert (await whole(world)).status == "completed"

    async def test_throttling_slows_the_run_and_does_not_end_it(self, world: World) -> None:
        """TMDB's 429 now and then."""
        await world.seed(*films(10))
        await world.enricher(bulk_window=4)
        await world.provider("tmdb", fault={"kind": "throttle", "form": "retry_after", "retryAfter": 1, "count": 3})
        end = await whole(world)
        assert (end.status, end.counts.processed) == ("completed", 10)

    async def test_all_providers_away(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """The run waits for half an hour, then fails; the next night is normal."""
        monkeypatch.setattr("metarr_enricher.providers.client.backoff", lambda *_: 0.0)
        await world.seed(*films(40))
        running = await world.enricher(bulk_window=4)
        await world.provider(fault={"kind": "http", "status": 503})
        job = await run(world)
        end: list[bulk.BulkEnded] = []

        async def over() -> bool:
            end.extend(event for event in await story(world, job) if isinstance(event, bulk.BulkEnded))
            # On to the end of the pause, once everybody is in it.
            if not end and await is_idle(world) and await is_paused(world, running):
                await world.advance(timedelta(minutes=5), [running])
            return bool(end)

        await eventually(over)
        assert (end[0].status, end[0].code, end[0].counts.processed) == ("failed", "all_providers_failed", 0)
        assert end[0].error == "All providers failed"
        await world.provider(fault=None)
        await world.advance(timedelta(days=1), [running])
        night = await whole(world)
        assert (night.status, night.counts.processed) == ("completed", 40)

    async def test_a_provider_that_comes_back_is_waited_for(self, world: World) -> None:
        """No film counts as failed."""
        await world.seed(*films(40))
        running = await world.enricher(bulk_window=4)
        await world.provider("fanart", fault={"kind": "http", "status": 503})
        job = await run(world)
        await eventually(lambda: waits(world, job))
        await world.provider("fanart", fault=None)
        await world.advance(timedelta(minutes=6), [running])
        end = await ended(world, job)
        assert end.counts == bulk.RunCounts(total=40, processed=40, remaining=0)


class TestPersons:
    """People go first."""

    async def test_a_refresh_by_hand_starts_at_once(self, world: World) -> None:
        """A run leaves hands free."""
        ids = await world.seed(*films(60))
        await world.enricher(concurrency=5, bulk_window=4)
        await world.provider(latencyMs=1_000)
        job = await run(world)
        await under_way(world, 8)
        by_hand = await world.refreshed(ids[-1])
        assert isinstance(by_hand, events.MovieEnriched)
        told = await story(world, job)
        assert not isinstance(told[-1], bulk.BulkEnded), "the refresh had to wait for the run"
        await world.provider(latencyMs=0)
        await ended(world, job)

    async def test_a_film_that_is_refreshed_by_hand_is_looked_at_again(self, world: World) -> None:
        """Its answers are then fresh: nobody is asked twice."""
        ids = await world.seed(*films(3))
        await world.enricher(bulk_window=1)
        await world.provider(latencyMs=300)
        by_hand = await world.refresh(ids[0])
        await under_way(world, 1)
        end = await whole(world)
        assert end.counts == bulk.RunCounts(total=3, processed=2, skipped=1, remaining=0)
        assert (await asked(world))["tmdb"] == 3
        assert len(await world.ends(by_hand, ids[0])) == 1

    async def test_cancelled(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """No new film starts, those in flight end properly, and the next run goes on where it was."""
        cancelled_twice, end_run = asyncio.Event(), bulk_lead.Lead._end

        async def late(lead: bulk_lead.Lead, verdict: Verdict) -> str:
            await cancelled_twice.wait()
            return await end_run(lead, verdict)

        monkeypatch.setattr(bulk_lead.Lead, "_end", late)
        ids = await world.seed(*films(40))
        await world.enricher(bulk_window=4)
        await world.provider(latencyMs=200)
        job = await run(world)
        await under_way(world, 12)
        assert (await world.ask("cancel", jobId=job))["jobId"] == job
        assert (await world.ask("cancel", jobId=job))["jobId"] == job
        cancelled_twice.set()
        end = await ended(world, job)
        assert sum(isinstance(event, events.CancelRequested) for event in await story(world, job)) == 1
        assert end.status == "cancelled"
        assert 0 < end.counts.processed < 40
        assert end.counts.failed == 0
        done = [m for m in ids if any(isinstance(e, events.MovieEnriched) for e in await world.story(m))]
        assert len(done) == end.counts.processed
        assert end.cursor == min(set(ids) - set(done))
        await world.provider(latencyMs=0)
        rest = await whole(world)
        assert (rest.status, rest.counts.processed) == ("completed", 40 - len(done))
        assert await asked(world) == {"tmdb": 40, "omdb": 40, "fanart": 40}

    async def test_a_run_whose_command_is_lost_can_be_ended(self, world: World) -> None:
        """As after the queue was restored from an older copy."""
        job = await run(world)
        await world.bus.js.delete_msg(streams.COMMANDS, job)
        await world.append(
            subjects.BULK_EVENTS,
            bulk.BulkStarted(
                job_id=job,
                attempt=1,
                trigger="manual",
                scheduled_for=None,
                force=False,
                asked_since=NIGHT,
                started_at=NIGHT,
                cursor=1,
                highest=3,
                counts=bulk.RunCounts(total=3, remaining=3),
                current=bulk.RunMovie(id=1, title="Film"),
                providers=(),
            ),
        )
        await world.enricher()
        await world.ask("cancel", jobId=job)
        end = await ended(world, job)
        assert (end.status, end.code, end.error) == ("failed", "gave_up", "The command of this run is gone")


class TestReplicas:
    """Several enrichers, and what happens when one goes."""

    async def test_the_films_are_shared(self, world: World) -> None:
        """And each is done once."""
        await world.seed(*films(40))
        for _ in range(3):
            await world.enricher(bulk_window=8)
        await world.acknowledged_within(3_600)
        end = await whole(world)
        assert end.counts.processed == 40
        assert await asked(world) == {"tmdb": 40, "omdb": 40, "fanart": 40}

    async def test_each_has_films_of_its_own_at_work(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """One that comes during the run too; and no more films are at work than all of them are to have."""
        monkeypatch.setattr(bulk_lead, "TELL_SECONDS", 0.1)
        await world.seed(*films(60))
        # OMDb is asked first: films stay at work, as many as may be.
        held = Held(monkeypatch, Omdb)
        most = 0

        async def at_work() -> int:
            nonlocal most
            told = await world.bus.api(f"CONSUMER.INFO.{streams.COMMANDS}.{streams.ENRICHER}")
            now = int(told["num_ack_pending"] + told["num_pending"])
            most = max(most, now)
            return now

        async def so_many_are_at_work(count: int) -> bool:
            return await at_work() == count

        job = await run(world)
        for replicas in (1, 2, 3):
            await world.enricher(concurrency=4, bulk_window=3)
            await eventually(partial(so_many_are_at_work, 3 * replicas))
            assert most == 3 * replicas
        held.go_on.set()
        assert (await ended(world, job)).counts.processed == 60

    async def test_films_that_fail_by_an_error_count_for_no_hand(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The window stays as it is while each film is tried again and again."""
        monkeypatch.setattr(bulk_lead, "TELL_SECONDS", 0.05)
        monkeypatch.setattr(worker, "RETRY_SECONDS", 0.5)
        seen, tried = list[int](), Counter[int]()
        look = RunWindow.now

        async def looked(window: RunWindow) -> int:
            seen.append(await look(window))
            return seen[-1]

        async def fails(_: Enrichment, job: EnrichJob) -> str:
            tried[job.movie_id] += 1
            raise ZeroDivisionError

        async def all_were_tried() -> bool:
            return len(tried) == 6

        monkeypatch.setattr(RunWindow, "now", looked)
        monkeypatch.setattr(Enrichment, "run", fails)
        await world.seed(*films(6))
        await world.enricher(concurrency=4, bulk_window=3)
        job = await run(world)
        await eventually(all_were_tried)
        assert (await ended(world, job)).counts.failed == 6
        assert set(seen) == {3}

    async def test_a_run_goes_on_while_the_queue_does_not_say_how_many_there_are(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is not handed back for that, at its begin or later."""
        monkeypatch.setattr(bulk_lead, "TELL_SECONDS", 0.1)
        looks, look = 0, RunWindow.now

        async def second_answered(window: RunWindow) -> int:
            nonlocal looks
            looks += 1
            if looks != 2:
                raise BusUnavailableError("no answer")
            return await look(window)

        async def looked_thrice() -> bool:
            return looks > 2

        monkeypatch.setattr(RunWindow, "now", second_answered)
        await world.seed(*films(20))
        await world.provider(latencyMs=100)
        await world.enricher(bulk_window=1)
        job = await run(world)
        await eventually(looked_thrice)
        await world.provider(latencyMs=0)
        end = await ended(world, job)
        assert (end.attempt, end.status, end.counts.processed) == (1, "completed", 20)

    @pytest.mark.parametrize("force", [False, True])
    async def test_another_replica_takes_the_run_over(self, world: World, *, force: bool) -> None:
        """Nothing is asked twice, under force either."""
        await world.seed(*films(60))
        first = await world.enricher(bulk_window=4)
        await world.provider(latencyMs=30)
        job = await run(world, force=force)
        await under_way(world, 30)
        await first.stop()
        await world.enricher(bulk_window=4)
        await world.provider(latencyMs=0)
        end = await ended(world, job)
        assert (end.status, end.counts) == ("completed", bulk.RunCounts(total=60, processed=60, remaining=0))
        names: tuple[ProviderName, ...] = ("tmdb", "omdb", "fanart")
        requests = await asked(world)
        assert all(requests[name] <= 60 + 4 for name in names)
