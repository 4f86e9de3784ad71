"""Schedulers on a real bus, a clock that the test sets, and the queue as the enricher sees it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from metarr_chassis import bus as chassis_bus
from metarr_chassis import service
from metarr_chassis.bus import Bus, connect
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError
from metarr_chassis.event_store import EventStore
from metarr_chassis.health import Readiness
from metarr_chassis.service import Context
from metarr_chassis.topology import setup, verify
from metarr_contracts import streams, subjects
from metarr_contracts.commands import RunBulk
from metarr_contracts.events import SchedulePlanned
from metarr_scheduler import bootstrap, planner
from metarr_scheduler.settings import SchedulerSettings

PATIENCE = 120
REQUEST_SECONDS = 30


class TestClock(Clock):
    """A clock that the test sets."""

    __test__ = False

    def set(self, moment: datetime) -> None:
        """Show this moment now."""
        self.shift(moment - datetime.now(UTC))


@pytest.fixture(autouse=True)
def _prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schedulers try again, and look at their clock, at once; a server that is slow is no server that is away."""
    monkeypatch.setattr(planner, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(planner, "LOOK_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(chassis_bus, "REQUEST_SECONDS", REQUEST_SECONDS)


@pytest.fixture
def clock() -> TestClock:
    """The clock of all schedulers."""
    return TestClock()


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    """A connection to a bus that is set up."""
    await setup(nats_url, demo=True)
    async with connect(nats_url, "test") as connection:
        yield connection


@pytest.fixture
async def start(nats_url: str, bus: Bus, clock: Clock) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Starts a scheduler of these settings; what it returns stops it."""
    del bus  # It is set up by now.
    async with contextlib.AsyncExitStack() as all_of_them:

        async def start_one(**settings: Any) -> Callable[[], Awaitable[None]]:
            stack = contextlib.AsyncExitStack()
            all_of_them.push_async_callback(stack.aclose)
            own = await stack.enter_async_context(connect(nats_url, "scheduler"))
            store = await verify(own, demo=True)
            told = SchedulerSettings(nats_url=nats_url, **settings)
            context = Context(told, own, clock, Readiness(), store)
            await service._once_answered(lambda: stack.enter_async_context(bootstrap.start(context)))
            return stack.aclose

        yield start_one


@pytest.fixture
def said(bus: Bus) -> Callable[[int], Awaitable[list[Any]]]:
    """Waits until so many events were said of the schedule; all that were."""
    store = EventStore(bus, "test")

    async def wait(count: int) -> list[SchedulePlanned]:
        told: list[SchedulePlanned] = []
        async with asyncio.timeout(PATIENCE):
            while len(told) < count:
                with contextlib.suppress(BusUnavailableError):
                    read = [one.body async for one in store.read(subjects.SCHEDULE_EVENTS)]
                    told = [event for event in read if isinstance(event, SchedulePlanned)]
                await asyncio.sleep(0.01)
        return told

    return wait


@pytest.fixture
def finish(bus: Bus) -> Callable[[], Awaitable[Any]]:
    """Takes the run from the queue and ends it, as the enricher does; its job, its name and its command."""

    async def take() -> tuple[int, str | None, RunBulk]:
        consumer = await bus.js.pull_subscribe_bind(durable=streams.BULK, stream=streams.COMMANDS)
        [message] = await consumer.fetch(1, timeout=PATIENCE)
        await message.ack_sync(PATIENCE)
        await consumer.unsubscribe()
        job_id = message.metadata.sequence.stream
        return job_id, (message.headers or {}).get("ce-id"), RunBulk.model_validate_json(message.data)

    return take


@pytest.fixture
def queued(bus: Bus) -> Callable[[], Awaitable[int]]:
    """How many commands were ever taken into the queue."""

    async def count() -> int:
        return (await bus.stream_state(streams.COMMANDS)).last_seq

    return count
