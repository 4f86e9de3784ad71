"""The plan on the bus: said once by any number of schedulers, and again when its moment has come."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metarr_chassis.bus import connect
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError
from metarr_chassis.event_store import EventStore
from metarr_chassis.health import Readiness
from metarr_chassis.service import Context
from metarr_chassis.topology import setup, verify
from metarr_contracts import subjects
from metarr_contracts.events import SchedulePlanned
from metarr_local.embedded_nats import EmbeddedNats
from metarr_scheduler import bootstrap
from metarr_scheduler.settings import SchedulerSettings

PATIENCE = 30

Started = tuple[Clock, Callable[[], Awaitable[None]]]
Start = Callable[..., Awaitable[Started]]
Plans = Callable[[int], Awaitable[list[SchedulePlanned]]]


@pytest.fixture
async def start(nats_url: str) -> AsyncIterator[Start]:
    """Starts schedulers; each has a clock and can be stopped."""
    await setup(nats_url, demo=True)
    async with contextlib.AsyncExitStack() as all_of_them:

        async def start_one(clock: Clock | None = None, **settings: Any) -> Started:
            stack = contextlib.AsyncExitStack()
            all_of_them.push_async_callback(stack.aclose)
            bus = await stack.enter_async_context(connect(nats_url, "scheduler"))
            store = await verify(bus, demo=True)
            told = SchedulerSettings(nats_url=nats_url, **settings)
            clock = clock or Clock()
            await stack.enter_async_context(bootstrap.start(Context(told, bus, clock, Readiness(), store)))
            return clock, stack.aclose

        yield start_one


@pytest.fixture
async def plans(nats_url: str, start: Start) -> AsyncIterator[Plans]:
    """Waits until so many plans were said; all that were."""
    del start  # The bus is set up by now.
    async with connect(nats_url, "test") as bus:
        store = EventStore(bus, "test")

        async def said(count: int) -> list[SchedulePlanned]:
            told: list[SchedulePlanned] = []
            async with asyncio.timeout(PATIENCE):
                while len(told) < count:
                    with contextlib.suppress(BusUnavailableError):
                        read = [one.body async for one in store.read(subjects.SCHEDULE_EVENTS)]
                        told = [plan for plan in read if isinstance(plan, SchedulePlanned)]
                    await asyncio.sleep(0.01)
            return told

        yield said


async def test_any_number_of_schedulers_say_it_once(start: Start, plans: Plans) -> None:
    """Five at the same time, and one that is started again."""
    for _ in range(5):
        await start(time_zone="Europe/Berlin")
    [plan] = await plans(1)
    assert (plan.cron, plan.time_zone) == ("0 3 * * *", "Europe/Berlin")
    assert plan.scheduled_for is not None
    assert timedelta() < plan.scheduled_for - datetime.now(UTC) <= timedelta(hours=25)
    _, stop = await start(time_zone="Europe/Berlin")
    await stop()
    assert len(await plans(1)) == 1


async def test_the_next_night_is_planned_when_the_moment_has_come(start: Start, plans: Plans) -> None:
    """Two schedulers on one clock, three nights: one plan each."""
    clock = Clock()
    await start(clock)
    await start(clock)
    due = [(await plans(1))[0].scheduled_for]
    for night in range(1, 4):
        clock.shift(timedelta(days=night))
        due.append((await plans(night + 1))[night].scheduled_for)
    moments = [moment for moment in due if moment is not None]
    assert [later - moments[0] for later in moments] == [timedelta(days=night) for night in range(4)]


async def test_a_changed_schedule_is_said_at_the_restart(start: Start, plans: Plans) -> None:
    """Another time, then off, then on again."""
    for number, schedule in enumerate(("0 3 * * *", "30 4 * * *", "off", "0 3 * * *"), start=1):
        _, stop = await start(schedule=schedule)
        await plans(number)
        await stop()
    assert [plan.cron for plan in await plans(4)] == ["0 3 * * *", "30 4 * * *", None, "0 3 * * *"]
    assert (await plans(4))[2].scheduled_for is None


async def test_a_bus_that_goes_away_is_waited_for(
    nats_server: EmbeddedNats, start: Start, plans: Plans, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is said when it is back."""
    monkeypatch.setattr(bootstrap, "RETRY_SECONDS", 0.05)
    clock, _ = await start()
    await plans(1)
    await nats_server.kill()
    clock.shift(timedelta(days=1))
    await nats_server.start()
    assert len(await plans(2)) == 2
