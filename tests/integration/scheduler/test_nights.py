"""Each night has one run and one event, whoever is there, and whoever is away."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from metarr_chassis.bus import Bus
from metarr_chassis.event_store import EventStore
from metarr_contracts import streams, subjects
from metarr_contracts.commands import RunBulk
from metarr_contracts.events import (
    ScheduleCaughtUp,
    ScheduleFired,
    ScheduleMissed,
    SchedulePlanned,
    ScheduleSkipped,
)
from metarr_local.embedded_nats import EmbeddedNats
from metarr_scheduler.planner import Planner
from metarr_scheduler.run_queue import RunQueue
from metarr_scheduler.schedule import Queued, Schedule

Start = Callable[..., Awaitable[Callable[[], Awaitable[None]]]]
Said = Callable[[int], Awaitable[list[Any]]]
Finish = Callable[[], Awaitable[tuple[int, str | None, RunBulk]]]
Count = Callable[[], Awaitable[int]]

EVENING = datetime(2026, 11, 22, 20, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 3, tzinfo=UTC)
RUN_ID = "bulk-UTC-2026-11-23"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SCHEDULE = Schedule("0 3 * * *", ZoneInfo("UTC"), 6 * 3600)


@pytest.fixture(autouse=True)
def _evening(clock: Any) -> None:
    """Every test begins in the evening before a night."""
    clock.set(EVENING)


def planner(bus: Bus, clock: Any, queue: RunQueue | None = None, schedule: Schedule = SCHEDULE) -> Planner:
    """A scheduler without its loop: it does what is due when it is told to."""
    return Planner(EventStore(bus, "scheduler"), queue or RunQueue(bus, clock), clock, schedule)


async def run_by_hand(bus: Bus) -> int:
    """An operator starts a run; its job."""
    return (await bus.js.publish(subjects.BULK_RUN, b"{}", stream=streams.COMMANDS)).seq


async def test_two_schedulers_start_one_run_each_night(
    start: Start, said: Said, finish: Finish, queued: Count, clock: Any
) -> None:
    """Three nights: one command and one event each, under the night's name."""
    await start()
    await start()
    await said(1)
    for night in range(3):
        due = DUE + night * DAY
        clock.set(due)
        event = (await said(night + 2))[night + 1]
        assert (type(event), event.due, event.scheduled_for) == (ScheduleFired, due, due + DAY)
        command = RunBulk(trigger="schedule", scheduled_for=due)
        assert await finish() == (event.job_id, f"bulk-UTC-{due:%Y-%m-%d}", command)
    assert await queued() == 3
    assert len(await said(4)) == 4


async def test_ten_at_the_same_moment_start_one_run(bus: Bus, said: Said, queued: Count, clock: Any) -> None:
    """Whoever was not the first finds the night dealt with."""
    replicas = [planner(bus, clock) for _ in range(10)]
    for moment in (EVENING, DUE):
        clock.set(moment)
        plans = await asyncio.gather(*(replica.do_what_is_due() for replica in replicas))
        assert len({plan.to_json() for plan in plans}) == 1
    assert await queued() == 1
    assert [type(event) for event in await said(2)] == [SchedulePlanned, ScheduleFired]


async def test_a_run_that_is_still_going_is_not_doubled(
    bus: Bus, start: Start, said: Said, finish: Finish, queued: Count, clock: Any
) -> None:
    """The night is skipped and says which run was going; the next night has its own again."""
    await start()
    await said(1)
    going = await run_by_hand(bus)
    clock.set(DUE)
    skipped = (await said(2))[1]
    assert (type(skipped), skipped.due, skipped.job_id) == (ScheduleSkipped, DUE, going)
    assert skipped.scheduled_for == DUE + DAY
    assert await queued() == 1
    await finish()
    clock.set(DUE + DAY)
    fired = (await said(3))[2]
    assert (type(fired), fired.due, fired.job_id) == (ScheduleFired, DUE + DAY, 2)


class Blind(RunQueue):
    """Sees nothing at the first look: the other command comes right after it."""

    looks = 0

    async def queued(self) -> Queued | None:
        """What is there, from the second look on."""
        self.looks += 1
        return await super().queued() if self.looks > 1 else None


async def test_a_place_that_is_taken_meanwhile_is_looked_at_again(bus: Bus, said: Said, clock: Any) -> None:
    """The server refuses the second command of the queue's one place."""
    one = planner(bus, clock, Blind(bus, clock))
    await one.do_what_is_due()
    going = await run_by_hand(bus)
    clock.set(DUE)
    await one.do_what_is_due()
    skipped = (await said(2))[1]
    assert (type(skipped), skipped.job_id) == (ScheduleSkipped, going)


@pytest.mark.parametrize(
    ("back", "grace", "outcome"),
    [
        (DUE + HOUR, 6 * 3600, ScheduleCaughtUp),
        (DUE + 7 * HOUR, 6 * 3600, ScheduleMissed),
        (DUE + 2 * MINUTE, 0, ScheduleMissed),
        (DUE + 3 * DAY + HOUR, 6 * 3600, ScheduleCaughtUp),
        (DUE + 3 * DAY + 7 * HOUR, 6 * 3600, ScheduleMissed),
    ],
)
async def test_a_night_without_a_scheduler(
    start: Start, said: Said, queued: Count, clock: Any, back: datetime, grace: int, outcome: type[SchedulePlanned]
) -> None:
    """Two come back: the last night is caught up once within the grace period, else it was missed."""
    stop = await start(schedule_grace=grace)
    await said(1)
    await stop()
    clock.set(back)
    await start(schedule_grace=grace)
    await start(schedule_grace=grace)
    event, night = (await said(2))[1], back.replace(hour=3, minute=0)
    assert (type(event), event.due, event.scheduled_for) == (outcome, night, night + DAY)
    assert await queued() == (outcome is ScheduleCaughtUp)
    assert len(await said(2)) == 2


async def test_off_during_a_missed_night(start: Start, said: Said, queued: Count, clock: Any) -> None:
    """Nothing is caught up, and nothing is when it is on again."""
    for number, (moment, schedule) in enumerate(
        ((EVENING, "0 3 * * *"), (DUE + HOUR, "off"), (DUE + 2 * HOUR, "0 3 * * *")), start=1
    ):
        clock.set(moment)
        stop = await start(schedule=schedule)
        await said(number)
        await stop()
    told = await said(3)
    assert [type(event) for event in told] == [SchedulePlanned, ScheduleMissed, SchedulePlanned]
    assert [event.scheduled_for for event in told] == [DUE, None, DUE + DAY]
    assert await queued() == 0


async def test_schedulers_of_different_settings_have_one_night_a_day(
    bus: Bus, said: Said, finish: Finish, queued: Count, clock: Any
) -> None:
    """An hour apart: whoever settles a night, the next one is at the time of the scheduler that started last."""
    old, new = planner(bus, clock), planner(bus, clock, schedule=Schedule("0 5 * * *", ZoneInfo("Europe/Berlin"), 0))
    await old.do_what_is_due()
    plan = await new.do_what_is_due()
    assert plan.scheduled_for == DUE + HOUR
    clock.set(DUE)
    assert await old.do_what_is_due() == plan
    for night in range(1, 4):
        assert plan.scheduled_for is not None
        clock.set(plan.scheduled_for)
        await asyncio.gather(old.do_what_is_due(), new.do_what_is_due())
        events = await said(night + 2)
        fired = [one for one in events if type(one) is not SchedulePlanned]
        event = fired[-1]
        local = plan.scheduled_for.astimezone(ZoneInfo(plan.time_zone))
        command = RunBulk(trigger="schedule", scheduled_for=plan.scheduled_for)
        assert (len(fired), type(event), event.due) == (night, ScheduleFired, plan.scheduled_for)
        assert await finish() == (event.job_id, f"bulk-{plan.time_zone}-{local:%Y-%m-%d}", command)
        assert (events[-1].scheduled_for, events[-1].cron) == (plan.scheduled_for + DAY, plan.cron)
        plan = events[-1]
    assert await queued() == 3
    # Also where the other one alone is left.
    clock.set(DUE + 3 * DAY + HOUR)
    plan = await old.do_what_is_due()
    assert (plan.due, plan.scheduled_for) == (DUE + 3 * DAY + HOUR, DUE + 4 * DAY + HOUR)


async def test_a_scheduler_that_another_one_has_switched_off(start: Start, said: Said, clock: Any) -> None:
    """Keeps looking: it does its part in what is planned by one that starts later."""
    await start()
    await said(1)
    stop = await start(schedule="off")
    await said(2)
    await stop()
    clock.set(DUE)
    stop = await start(schedule="0 5 * * *")
    plan = (await said(3))[2]
    await stop()
    assert (type(plan), plan.scheduled_for) == (SchedulePlanned, DUE + 2 * HOUR)
    clock.set(DUE + 2 * HOUR)
    fired = (await said(4))[3]
    assert (type(fired), fired.due, fired.scheduled_for) == (ScheduleFired, DUE + 2 * HOUR, DUE + DAY + 2 * HOUR)


async def test_a_crash_after_the_command_was_queued(
    bus: Bus, start: Start, said: Said, queued: Count, clock: Any
) -> None:
    """The command that waits is the night's own: it was started in time, by whoever."""
    await planner(bus, clock).do_what_is_due()
    job = await RunQueue(bus, clock).put(RUN_ID, DUE, DUE)
    clock.set(DUE + 10 * HOUR)
    await start()
    fired = (await said(2))[1]
    assert (type(fired), fired.due, fired.job_id) == (ScheduleFired, DUE, job.job_id)
    assert await queued() == 1


async def test_a_crash_and_a_run_that_has_ended_since(
    bus: Bus, start: Start, said: Said, finish: Finish, queued: Count, clock: Any
) -> None:
    """The server knows the night's name again."""
    await planner(bus, clock).do_what_is_due()
    job = await RunQueue(bus, clock).put(RUN_ID, DUE, DUE)
    await finish()
    clock.set(DUE)
    await start()
    fired = (await said(2))[1]
    assert (type(fired), fired.job_id) == (ScheduleFired, job.job_id)
    assert await queued() == 1


async def test_a_clock_set_back_brings_no_night_again(
    bus: Bus, said: Said, finish: Finish, queued: Count, clock: Any
) -> None:
    """What was dealt with stays so when its moment comes a second time."""
    one = planner(bus, clock)
    await one.do_what_is_due()
    clock.set(DUE)
    await one.do_what_is_due()
    await finish()
    for moment in (EVENING, DUE, DUE + HOUR):
        clock.set(moment)
        assert (await one.do_what_is_due()).scheduled_for == DUE + DAY
    assert await queued() == 1
    assert len(await said(2)) == 2


async def test_a_bus_that_is_away_over_the_moment(
    nats_server: EmbeddedNats, start: Start, said: Said, queued: Count, clock: Any
) -> None:
    """The night is not lost: it is caught up when the bus is back."""
    await start()
    await start()
    await said(1)
    await nats_server.kill()
    clock.set(DUE)
    clock.set(DUE + 10 * MINUTE)
    await nats_server.start()
    caught_up = (await said(2))[1]
    assert (type(caught_up), caught_up.due, caught_up.job_id) == (ScheduleCaughtUp, DUE, 1)
    assert await queued() == 1


async def test_a_message_of_an_operator_that_nobody_can_read(bus: Bus, said: Said, clock: Any) -> None:
    """It holds the place as any other until the enricher has refused it."""
    one = planner(bus, clock)
    await one.do_what_is_due()
    stored = await bus.js.publish(subjects.BULK_RUN, b"now", stream=streams.COMMANDS)
    clock.set(DUE)
    await one.do_what_is_due()
    skipped = (await said(2))[1]
    assert (type(skipped), skipped.job_id) == (ScheduleSkipped, stored.seq)
