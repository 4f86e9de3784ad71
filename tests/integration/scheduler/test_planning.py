"""The plan on the bus: said once by any number of schedulers, and again when it does not stand any more."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metarr_contracts.events import SchedulePlanned

Start = Callable[..., Awaitable[Callable[[], Awaitable[None]]]]
Said = Callable[[int], Awaitable[list[Any]]]

EVENING = datetime(2026, 11, 22, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _evening(clock: Any) -> None:
    """Every test begins in the evening before a night: no run comes due in it."""
    clock.set(EVENING)


async def test_any_number_of_schedulers_say_it_once(start: Start, said: Said, clock: Any) -> None:
    """Five at the same time, and one that is started again."""
    for _ in range(5):
        await start(time_zone="Europe/Berlin")
    [plan] = await said(1)
    assert (type(plan), plan.cron, plan.time_zone) == (SchedulePlanned, "0 3 * * *", "Europe/Berlin")
    assert timedelta() < plan.scheduled_for - clock.now() <= timedelta(hours=25)
    stop = await start(time_zone="Europe/Berlin")
    await stop()
    assert len(await said(1)) == 1


async def test_a_changed_schedule_is_said_at_the_restart(start: Start, said: Said) -> None:
    """Another time, then off, then on again."""
    for number, schedule in enumerate(("0 3 * * *", "30 4 * * *", "off", "0 3 * * *"), start=1):
        stop = await start(schedule=schedule)
        await said(number)
        await stop()
    assert [plan.cron for plan in await said(4)] == ["0 3 * * *", "30 4 * * *", None, "0 3 * * *"]
    assert (await said(4))[2].scheduled_for is None


async def test_a_clock_that_is_set_back_is_noticed(start: Start, said: Said, clock: Any) -> None:
    """While the scheduler waits: the plan is made anew for the night that comes now."""
    clock.set(EVENING + timedelta(days=10))
    await start()
    [far] = await said(1)
    clock.set(EVENING)
    plan = (await said(2))[1]
    assert far.scheduled_for - plan.scheduled_for == timedelta(days=10)
