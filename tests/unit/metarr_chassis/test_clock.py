"""The clock: system time and an offset; whoever waits for a moment is woken when the offset brings it."""

import asyncio
from datetime import UTC, datetime, timedelta

from metarr_chassis.clock import Clock

DAY = timedelta(days=1)


def test_an_offset_shifts_now_and_what_servers_say() -> None:
    """Servers keep system time; on this clock their moments are shifted as well."""
    clock = Clock()
    clock.shift(8 * DAY)
    before, shown, after = datetime.now(UTC), clock.now(), datetime.now(UTC)
    assert before + 8 * DAY <= shown <= after + 8 * DAY
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    assert clock.from_system(moment) == moment + 8 * DAY


async def test_a_moment_that_has_come_is_not_waited_for() -> None:
    """Neither a past one nor this one."""
    clock = Clock()
    await clock.sleep_until(clock.now() - DAY)
    await clock.sleep_until(clock.now())


async def test_all_who_wait_are_woken_when_the_clock_is_set() -> None:
    """Those whose moment has come return, the others go on waiting."""
    clock = Clock()
    soon = [asyncio.create_task(clock.sleep_until(clock.now() + DAY)) for _ in range(3)]
    late = asyncio.create_task(clock.sleep_until(clock.now() + 3 * DAY))
    await asyncio.sleep(0)
    clock.shift(DAY + timedelta(hours=1))
    await asyncio.gather(*soon)
    assert not late.done()
    clock.shift(4 * DAY)
    await late
