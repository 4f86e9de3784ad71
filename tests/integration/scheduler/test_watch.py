"""The figures of the whole system, as the scheduler sees them on the bus."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import REGISTRY
from tests.integration.scheduler.conftest import PATIENCE, TestClock

from metarr_chassis.bus import Bus
from metarr_chassis.event_store import EventStore
from metarr_contracts import streams, subjects
from metarr_scheduler.watch import ScheduleSeen, look_at_queues, look_at_streams

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
THREE = datetime(2026, 3, 1, 3, tzinfo=UTC)
Said = Callable[[int], Awaitable[list[Any]]]


def shown(name: str, **labels: str) -> float | None:
    """The figure now."""
    return REGISTRY.get_sample_value(f"metarr_{name}", labels)


async def until_shown(bus: Bus, *, depth: int, in_progress: int) -> None:
    """Look until the enricher's queue is that: a consumer learns of a command after its sender was answered."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await look_at_queues(bus)
            figures = shown("queue_depth", queue="enricher"), shown("queue_in_progress", queue="enricher")
            if figures == (depth, in_progress):
                return
            await asyncio.sleep(0.02)


async def test_what_waits_and_what_is_worked_on(bus: Bus) -> None:
    """By queue; a command that was handed out does not wait any more."""
    for movie_id in range(1, 4):
        await bus.js.publish(subjects.enrich_command(movie_id), b"{}")
    await until_shown(bus, depth=3, in_progress=0)
    assert (shown("queue_depth", queue="importer"), shown("queue_depth", queue="bulk")) == (0, 0)
    consumer = await bus.js.pull_subscribe_bind(durable=streams.ENRICHER, stream=streams.COMMANDS)
    [message] = await consumer.fetch(1, timeout=PATIENCE)
    await until_shown(bus, depth=2, in_progress=1)
    await message.ack_sync(PATIENCE)
    await until_shown(bus, depth=2, in_progress=0)


async def test_a_queue_that_is_held_back(bus: Bus) -> None:
    """As long as an operator has it paused."""
    await look_at_queues(bus)
    assert (shown("queue_paused", queue="enricher"), shown("queue_paused", queue="bulk")) == (0, 0)
    pause = f"CONSUMER.PAUSE.{streams.COMMANDS}.{streams.ENRICHER}"
    await bus.api(pause, json.dumps({"pause_until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}).encode())
    await look_at_queues(bus)
    assert (shown("queue_paused", queue="enricher"), shown("queue_paused", queue="bulk")) == (1, 0)
    await bus.api(pause, b"{}")
    await look_at_queues(bus)
    assert shown("queue_paused", queue="enricher") == 0


async def test_what_the_streams_hold(bus: Bus) -> None:
    """All of ours, and no others."""
    await bus.js.add_stream(name="OTHERS", subjects=["others"])
    await bus.js.publish("metarr.dead.cmd.enrich.1", b"broken", stream=streams.DEAD)
    await look_at_streams(bus)
    assert all(shown("stream_messages", stream=name) is not None for name in streams.ALL_STREAMS)
    assert shown("stream_messages", stream="OTHERS") is None
    assert shown("stream_messages", stream=streams.DEAD) == 1
    assert shown("stream_last_sequence", stream=streams.DEAD) == 1
    assert (shown("stream_bytes", stream=streams.DEAD) or 0) > len("broken")


async def test_the_next_run_and_the_last(
    bus: Bus, clock: TestClock, start: Callable[..., Awaitable[Any]], said: Said
) -> None:
    """Neither is there while the schedule is off and has never been on; a scheduler that starts later knows both."""
    seen = ScheduleSeen(EventStore(bus, "test"))
    clock.set(MIDNIGHT)
    stop = await start(schedule="off")
    await said(1)
    await seen.look()
    assert (shown("schedule_next_run_timestamp_seconds"), shown("schedule_last_fired_timestamp_seconds")) == (
        None,
        None,
    )
    await stop()
    await start(schedule="0 3 * * *")
    await said(2)
    await seen.look()
    assert shown("schedule_next_run_timestamp_seconds") == THREE.timestamp()
    assert shown("schedule_last_fired_timestamp_seconds") is None
    clock.set(THREE)
    await said(3)
    for one in (seen, ScheduleSeen(EventStore(bus, "test"))):
        await one.look()
        assert shown("schedule_next_run_timestamp_seconds") == (THREE + timedelta(days=1)).timestamp()
        fired = shown("schedule_last_fired_timestamp_seconds")
        assert fired is not None
        assert 0 <= fired - THREE.timestamp() < 60
