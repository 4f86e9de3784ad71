"""Whole years and arbitrary histories: one run on each local date, no night a second time."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metarr_contracts.events import ScheduleMissed, SchedulePlanned
from metarr_scheduler.cron import last_run
from metarr_scheduler.schedule import Night, Queued, Schedule, Wait, decide, in_force, record, settle

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
GRACE = 6 * 3600
WEEK = timedelta(days=7)
LOOK_AGAIN = timedelta(hours=1)
"""Who was switched off by another looks at the plan again, in fact more often."""
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SCHEDULES = st.builds(
    Schedule,
    st.sampled_from((None, "0 3 * * *", "30 2 * * *", "0 */6 * * *", "45 1 * * SUN")),
    st.sampled_from(ZONES).map(ZoneInfo),
    st.sampled_from((0, GRACE)),
)


class Simulation:
    """A scheduler without a bus: the last event, and the runs that were started."""

    def __init__(self) -> None:
        self.last: SchedulePlanned | None = None
        self.said: list[SchedulePlanned] = []
        self.started: list[Night] = []
        self.missed: list[datetime] = []

    def work(self, schedule: Schedule, now: datetime, *, starting: bool = True) -> SchedulePlanned:
        """Do what is to be done at this moment; returns the plan that stands then."""
        while True:
            used = in_force(self.last, schedule, starting=starting)
            if isinstance(decided := decide(self.last, used, now, starting=starting), Wait):
                return decided.plan
            self.last = self._settle(decided, used, now) if isinstance(decided, Night) else decided
            self.said.append(self.last)

    def _settle(self, night: Night, schedule: Schedule, now: datetime) -> SchedulePlanned:
        said = settle(schedule, night.due, None, now)
        if isinstance(said, ScheduleMissed):
            self.missed.append(night.due)
        if said is not None:
            return said
        self.started.append(night)
        return record(schedule, night.due, Queued(len(self.started), night.due, now), now)


def live(schedule: Schedule, start: datetime, end: datetime) -> Simulation:
    """From one planned moment to the next."""
    simulation, now = Simulation(), start
    while now < end:
        plan = simulation.work(schedule, now)
        assert plan.scheduled_for is not None
        assert plan.scheduled_for > now
        now = plan.scheduled_for
    return simulation


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=10)
@given(start=MOMENTS, minute=st.integers(0, 59), hour=st.integers(0, 23))
def test_a_year_has_one_run_on_each_local_date(zone: str, start: datetime, minute: int, hour: int) -> None:
    """Whenever it begins: no date without a run, none with two, each run under its date's name."""
    there, end = ZoneInfo(zone), start + timedelta(days=366)
    schedule = Schedule(f"{minute} {hour} * * *", there, GRACE)
    year = live(schedule, start, end)
    dates = Counter(night.due.astimezone(there).date() for night in year.started)
    first, last = start.astimezone(there).date(), end.astimezone(there).date()
    whole_days = {first + timedelta(days=number) for number in range(1, (last - first).days)}
    assert whole_days <= set(dates) <= {first, *whole_days, last}
    assert set(dates.values()) == {1}
    assert [night.run_id for night in year.started] == [f"bulk-{zone}-{day}" for day in dates]
    assert year.missed == []


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [1, 2, 3])
def test_the_time_of_a_change_has_its_run(zone: str, hour: int) -> None:
    """Every quarter of the hours in which clocks change, for a year."""
    for minute in (0, 15, 30, 45):
        start = datetime(2026, 1, 1, 12, tzinfo=UTC)
        there = ZoneInfo(zone)
        year = live(Schedule(f"{minute} {hour} * * *", there, GRACE), start, start + timedelta(days=364))
        dates = [night.due.astimezone(there).date() for night in year.started]
        assert [later - day for day, later in pairwise(dates)] == [timedelta(days=1)] * 363


@settings(max_examples=20)
@given(MOMENTS, st.sampled_from(ZONES), st.data())
def test_who_is_late_runs_what_is_within_the_grace_period(start: datetime, zone: str, data: st.DataObject) -> None:
    """However long it slept each time: the last night before it woke is run or missed, by the grace period."""
    schedule = Schedule("0 3 * * *", ZoneInfo(zone), GRACE)
    naps = data.draw(st.lists(st.timedeltas(timedelta(), timedelta(days=4)), min_size=5, max_size=20))
    waking: list[datetime] = []
    simulation, now = Simulation(), start
    for nap in naps:
        plan = simulation.work(schedule, now)
        assert plan.scheduled_for is not None
        now = plan.scheduled_for + nap
        waking.append(now)
    simulation.work(schedule, now)
    dealt_with = sorted([night.due for night in simulation.started] + simulation.missed)
    assert len(dealt_with) == len(waking)
    for due, woken in zip(dealt_with, waking, strict=True):
        assert due <= woken < due + timedelta(hours=26)
        assert (due in simulation.missed) == (woken - due > timedelta(seconds=GRACE))


@settings(max_examples=200)
@given(st.lists(st.tuples(SCHEDULES, MOMENTS), min_size=1, max_size=12))
def test_no_night_comes_a_second_time(history: list[tuple[Schedule, datetime]]) -> None:
    """Whatever the settings become and wherever the clock is set: nights are dealt with in their order, once."""
    simulation = Simulation()
    dealt_with: list[datetime] = []
    for schedule, now in history:
        plan = simulation.work(schedule, now)
        assert (plan.cron, plan.time_zone) == (schedule.cron, schedule.zone.key)
        assert (plan.scheduled_for is None) == (schedule.cron is None)
        assert plan.scheduled_for is None or plan.scheduled_for > now
        assert simulation.work(schedule, now) == plan
        if plan.due is not None and plan.due not in dealt_with[-1:]:
            dealt_with.append(plan.due)
        assert plan.scheduled_for is None or plan.due is None or plan.scheduled_for > plan.due
    assert dealt_with == sorted(set(dealt_with))


def live_together(
    schedules: list[Schedule], start: datetime, data: st.DataObject, naps: st.SearchStrategy[timedelta | None]
) -> Simulation:
    """A week of all of them: each sleeps until the plan that it knows is due, those of one moment wake in any order.

    Who is given a nap ends there and starts again after it.
    """
    simulation = Simulation()
    waking = dict.fromkeys(range(len(schedules)), start)
    starting = set(waking)
    while waking and (now := min(waking.values())) < start + WEEK:
        who = data.draw(st.sampled_from([one for one, moment in waking.items() if moment == now]))
        plan = simulation.work(schedules[who], now, starting=who in starting)
        starting.discard(who)
        if plan.scheduled_for is None and schedules[who].cron is None:
            del waking[who]
        elif (nap := data.draw(naps)) is None:
            waking[who] = plan.scheduled_for or now + LOOK_AGAIN
        else:
            starting.add(who)
            waking[who] = now + nap
    return simulation


def assert_each_night_is_settled_once(said: list[SchedulePlanned]) -> None:
    """A plan whose moment had come when the next event was said was settled by that event, and by no other."""
    for plan, news in pairwise(said):
        if plan.scheduled_for is None or plan.cron is None or plan.scheduled_for > news.at:
            assert type(news) is SchedulePlanned
            assert news.due == plan.due
        else:
            assert type(news) is not SchedulePlanned
            assert news.due == max(plan.scheduled_for, last_run(plan.cron, ZoneInfo(plan.time_zone), news.at))
    settled = [event.due for event in said if type(event) is not SchedulePlanned and event.due is not None]
    assert settled == sorted(set(settled))


@settings(max_examples=200)
@given(SCHEDULES, SCHEDULES, MOMENTS, st.data())
def test_each_night_that_came_due_is_settled_once(
    one: Schedule, other: Schedule, start: datetime, data: st.DataObject
) -> None:
    """Two schedulers of any settings for a week, started again at any time: whoever planned it, whoever is there."""
    naps = st.none() | st.timedeltas(timedelta(seconds=1), timedelta(hours=50))
    week = live_together([one, other], start, data, naps)
    assert_each_night_is_settled_once(week.said)
    started = [night.due for night in week.started]
    settled = {event.due for event in week.said if type(event) is not SchedulePlanned}
    assert settled == {*started, *week.missed}
    assert len(settled) == len(started) + len(week.missed)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 23), st.sampled_from(ZONES)), min_size=2, max_size=3),
    MOMENTS,
    st.data(),
)
def test_daily_schedulers_of_different_settings_have_one_night_a_day(
    times: list[tuple[int, int, str]], start: datetime, data: st.DataObject
) -> None:
    """None is started again: on each local date there is one run, as if the one that started last were alone."""
    schedules = [Schedule(f"{minute} {hour} * * *", ZoneInfo(zone), GRACE) for minute, hour, zone in times]
    week = live_together(schedules, start, data, st.none())
    nights = [start, *(night.due for night in week.started), start + WEEK]
    assert all(later - night <= timedelta(hours=26) for night, later in pairwise(nights))
    assert week.missed == []
    # From the first night on all have started.
    plan = week.said[-1]
    dates = Counter(night.due.astimezone(ZoneInfo(plan.time_zone)).date() for night in week.started)
    assert set(dates.values()) == {1}
