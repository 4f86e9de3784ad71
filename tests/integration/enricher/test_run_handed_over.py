"""A run goes from one lead to the next: at once when it is handed back, and without doing a film twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.integration.enricher.conftest import PATIENCE, Held, eventually
from tests.integration.enricher.runs import asked, ended, films, run, story, under_way

from metarr_chassis.bus import Bus, connect
from metarr_contracts import bulk, events, streams, subjects
from metarr_contracts.envelope import Envelope
from metarr_enricher import bulk_lead, worker
from metarr_enricher.bulk_films import RunFilms
from metarr_enricher.providers.registry import Fanart
from metarr_enricher.worker import Delivery, Fate, Handled, Queue, work

if TYPE_CHECKING:
    import pytest
    from tests.integration.enricher.conftest import World

    from metarr_contracts.fields import ProviderName
    from metarr_contracts.movie import ExternalIds
    from metarr_enricher.lane import Lane
    from metarr_enricher.providers.outcomes import Answer


async def test_a_long_command_is_handed_back_before_short_ones_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who leaves does not wait for what will not end in time; what is short ends meanwhile."""
    monkeypatch.setattr(worker, "GRACE_SECONDS", PATIENCE)
    await world.acknowledged_within(3_600)
    began = {name: asyncio.Event() for name in (streams.BULK, streams.ENRICHER)}
    given_up = asyncio.Event()

    async def long(_delivery: Delivery) -> Handled:
        began[streams.BULK].set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()
        raise AssertionError

    async def short(_delivery: Delivery) -> Handled:
        began[streams.ENRICHER].set()
        await given_up.wait()
        return Handled(Fate.DONE, "done")

    async def beat(_job_id: int) -> None:
        pass

    jobs = [await world.command(subject, b"{}") for subject in (subjects.BULK_RUN, subjects.enrich_command(1))]
    queues = (
        Queue(streams.COMMANDS, streams.BULK, 1, long, beat, long=True),
        Queue(streams.COMMANDS, streams.ENRICHER, 1, short, beat),
    )
    async with work(world.bus, queues):
        await asyncio.gather(*(event.wait() for event in began.values()))
    await eventually(lambda: world.gone(jobs[1]))
    assert not await world.gone(jobs[0])
    queue = await world.bus.js.pull_subscribe_bind(streams.BULK, streams.COMMANDS)
    [again] = await queue.fetch(1, timeout=PATIENCE)
    assert again.metadata.num_delivered == 2
    await again.nak()
    await queue.unsubscribe()


async def test_what_is_delivered_to_who_leaves_is_handed_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that comes in the moment of leaving waits for no acknowledgement time-out."""
    monkeypatch.setattr(worker, "HAND_BACK_SECONDS", PATIENCE)
    await world.acknowledged_within(3_600)

    async def done(_delivery: Delivery) -> Handled:
        return Handled(Fate.DONE, "done")

    async def beat(_job_id: int) -> None:
        pass

    queue = Queue(streams.COMMANDS, streams.ENRICHER, 4, done, beat)
    commanded = Envelope(id="", type="metarr.command.enrich.v1", source="/test", time=datetime.now(UTC))
    async with connect(world.nats_url, "other") as others:
        for movie_id in range(1, 31):
            async with work(world.bus, [queue]):
                await eventually(lambda: _waiting(world, queue.hands))
                envelope = commanded.model_copy(update={"id": str(movie_id)})
                await others.publish_command(subjects.enrich_command(movie_id), envelope, b"{}")
    handed_back = await world.bus.js.pull_subscribe_bind(streams.ENRICHER, streams.COMMANDS)
    while (await world.bus.js.stream_info(streams.COMMANDS)).state.messages:
        for message in await handed_back.fetch(1, timeout=PATIENCE):
            await message.ack_sync(timeout=PATIENCE)
    await handed_back.unsubscribe()


async def _waiting(world: World, hands: int) -> bool:
    waiting: int = (await world.bus.js.consumer_info(streams.COMMANDS, streams.ENRICHER)).num_waiting
    return waiting == hands


async def test_a_film_that_ends_while_the_lead_changes_is_done_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next lead reads the film before its end and would start it after its end: it does not start it again."""
    [movie_id] = await world.seed(*films(1))
    # The film ends when the next lead has looked at it.
    held, look = Held(monkeypatch, Fanart), RunFilms.look
    monkeypatch.setattr(worker, "GRACE_SECONDS", PATIENCE)

    async def looked(run_films: RunFilms, movie_id: int) -> tuple[ProviderName, ...] | None:
        found = await look(run_films, movie_id)
        if run_films.took_over:
            held.go_on.set()
        return found

    monkeypatch.setattr(RunFilms, "look", looked)
    first = await world.enricher()
    job_id = await run(world)
    await held.reached.wait()
    await world.enricher()
    await world.acknowledged_within(3_600)
    publish = Bus.publish_command

    async def late(bus: Bus, subject: str, envelope: Envelope, payload: bytes) -> int:
        async def is_free() -> bool:
            return await world.bus.last_message(streams.COMMANDS, subject) is None

        await eventually(is_free)
        return await publish(bus, subject, envelope, payload)

    monkeypatch.setattr(Bus, "publish_command", late)
    await first.stop()
    end = await ended(world, job_id)
    assert end.attempt > 1
    assert end.counts == bulk.RunCounts(total=1, processed=1, remaining=0)
    assert sum(isinstance(event, events.MovieEnriched) for event in await world.story(movie_id)) == 1
    assert await asked(world) == {"tmdb": 1, "omdb": 1, "fanart": 1}


async def test_who_takes_over_a_cancelled_run_counts_what_was_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lead that is lost has neither seen the cancel nor told what it has done."""
    monkeypatch.setattr(bulk_lead, "TELL_SECONDS", 3_600.0)
    monkeypatch.setattr(bulk_lead.Lead, "look_again", lambda _: None)
    monkeypatch.setattr(worker, "GRACE_SECONDS", 0.1)
    permits = _permits(monkeypatch, 2)
    ids = await world.seed(*films(8))
    first = await world.enricher(concurrency=4, bulk_window=2)
    job_id = await run(world)

    async def done() -> int:
        stories = [await world.story(movie_id) for movie_id in ids]
        return sum(isinstance(event, events.MovieEnriched) for story in stories for event in story)

    async def some_are_done() -> bool:
        return await done() >= 2

    await eventually(some_are_done)
    await world.ask("cancel", jobId=job_id)
    await world.enricher(concurrency=4, bulk_window=2)
    await first.stop()
    _give(permits, 8)
    end = await ended(world, job_id)
    assert (end.attempt > 1, end.status) == (True, "cancelled")
    assert end.counts == bulk.RunCounts(total=8, processed=await done(), skipped=8 - await done(), remaining=0)


def _permits(monkeypatch: pytest.MonkeyPatch, count: int) -> asyncio.Semaphore:
    """So many films get an answer of fanart.tv, and the others wait for it; more may be given."""
    permits, ask = asyncio.Semaphore(count), Fanart.ask

    async def permitted(fanart: Fanart, ids: ExternalIds, lane: Lane) -> Answer:
        await permits.acquire()
        return await ask(fanart, ids, lane)

    monkeypatch.setattr(Fanart, "ask", permitted)
    return permits


def _give(permits: asyncio.Semaphore, count: int) -> None:
    for _ in range(count):
        permits.release()


async def test_each_of_many_leads_tells_its_first_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose leads end before they tell, again and again, is not given up while films get done."""
    monkeypatch.setattr(bulk_lead, "TELL_SECONDS", 3_600.0)
    monkeypatch.setattr(worker, "GRACE_SECONDS", 0.1)
    # As many films end under each lead as are at work, and no more: there are films for all leads.
    permits = _permits(monkeypatch, 0)
    await world.seed(*films(40))
    running = await world.enricher(concurrency=4, bulk_window=1)
    job_id = await run(world)
    await under_way(world, 1)
    for attempt in range(2, 9):
        following = await world.enricher(concurrency=4, bulk_window=1)
        await running.stop()
        running = following
        _give(permits, 2)

        async def has_told(attempt: int = attempt) -> bool:
            return any(
                isinstance(fact, bulk.BulkProgressed) and fact.attempt >= attempt for fact in await story(world, job_id)
            )

        await eventually(has_told)
    _give(permits, 80)
    end = await ended(world, job_id)
    assert (end.status, end.counts.processed) == ("completed", 40)
