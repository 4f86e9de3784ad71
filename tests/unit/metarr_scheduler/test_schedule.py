"""What is done about a night: given the last event, when it is this late, then that."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from metarr_contracts.events import (
    ScheduleCaughtUp,
    ScheduleFired,
    ScheduleMissed,
    SchedulePlanned,
    ScheduleSkipped,
)
from metarr_scheduler import schedule as rules
from metarr_scheduler.schedule import Night, Queued, Schedule, Wait, settle

NIGHTLY = "0 3 * * *"
BERLIN = ZoneInfo("Europe/Berlin")
GRACE = 6 * 3600
SCHEDULE = Schedule(NIGHTLY, BERLIN, GRACE)
SWITCHED_OFF = Schedule(None, BERLIN, GRACE)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 2, tzinfo=UTC)
NEXT = datetime(2026, 11, 24, 2, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

PLANNED = SchedulePlanned(scheduled_for=DUE, cron=NIGHTLY, time_zone="Europe/Berlin", at=NOW)
OFF = SchedulePlanned(scheduled_for=None, cron=None, time_zone="Europe/Berlin", at=NOW)
FIRED = ScheduleFired(scheduled_for=NEXT, cron=NIGHTLY, time_zone="Europe/Berlin", due=DUE, at=DUE, job_id=7)
NIGHT = Night(DUE, "bulk-Europe/Berlin-2026-11-23")


def planned(
    scheduled_for: datetime | None,
    at: datetime,
    cron: str | None = NIGHTLY,
    zone: str = "Europe/Berlin",
    due: datetime | None = None,
) -> SchedulePlanned:
    """A plan."""
    return SchedulePlanned(scheduled_for=scheduled_for, cron=cron, time_zone=zone, due=due, at=at)


def decide(last: SchedulePlanned | None, schedule: Schedule, now: datetime) -> Wait | Night | SchedulePlanned:
    """What a scheduler that starts does."""
    return rules.decide(last, schedule, now, starting=True)


def go_on(last: SchedulePlanned | None, schedule: Schedule, now: datetime) -> Wait | Night | SchedulePlanned:
    """What a scheduler that has been there for a while does."""
    return rules.decide(last, rules.in_force(last, schedule, starting=False), now, starting=False)


class TestPlanning:
    """What is said before anything is due."""

    def test_at_first(self) -> None:
        """Nothing was planned: the next run is, and nothing is caught up."""
        assert decide(None, SCHEDULE, NOW) == PLANNED
        assert decide(None, SCHEDULE, DUE + MINUTE) == planned(NEXT, DUE + MINUTE)

    @pytest.mark.parametrize("last", [PLANNED, FIRED])
    def test_what_stands_is_not_said_again(self, last: SchedulePlanned) -> None:
        """A restart says nothing new, before a night and after it."""
        assert last.scheduled_for is not None
        assert decide(last, SCHEDULE, last.at + HOUR) == Wait(last)
        assert decide(last, SCHEDULE, last.scheduled_for - SECOND) == Wait(last)

    def test_another_time_or_zone(self) -> None:
        """The plan is made anew."""
        four = Schedule("0 4 * * *", BERLIN, GRACE)
        assert decide(PLANNED, four, NOW) == planned(DUE + HOUR, NOW, cron="0 4 * * *")
        utc = Schedule(NIGHTLY, ZoneInfo("UTC"), GRACE)
        assert decide(PLANNED, utc, NOW) == planned(DUE + HOUR, NOW, zone="UTC")

    def test_a_new_plan_keeps_the_night_that_was_dealt_with(self) -> None:
        """So the last event alone says it."""
        four = Schedule("0 4 * * *", BERLIN, GRACE)
        assert decide(FIRED, four, DUE + 2 * HOUR) == planned(NEXT + HOUR, DUE + 2 * HOUR, cron="0 4 * * *", due=DUE)

    def test_another_grace_period_is_no_other_plan(self) -> None:
        """It changes nothing that was said."""
        assert decide(PLANNED, Schedule(NIGHTLY, BERLIN, 0), NOW) == Wait(PLANNED)


class TestOff:
    """Nothing is due."""

    def test_it_is_said_once(self) -> None:
        """And then never again."""
        assert decide(None, SWITCHED_OFF, NOW) == OFF
        assert decide(PLANNED, SWITCHED_OFF, NOW) == OFF
        assert decide(OFF, SWITCHED_OFF, NOW + 3 * DAY) == Wait(OFF)

    def test_switched_off_during_a_missed_night(self) -> None:
        """It is said to be missed, and nothing is caught up, not when it is on again either."""
        later = DUE + HOUR
        assert decide(PLANNED, SWITCHED_OFF, later) == NIGHT
        missed = settle(SWITCHED_OFF, DUE, None, later)
        assert missed == ScheduleMissed(scheduled_for=None, cron=None, time_zone="Europe/Berlin", due=DUE, at=later)
        assert decide(missed, SWITCHED_OFF, later) == Wait(missed)
        assert decide(missed, SCHEDULE, later + MINUTE) == planned(NEXT, later + MINUTE, due=DUE)

    def test_switched_off_at_the_moment_itself(self) -> None:
        """Nothing is started, whatever else is going on."""
        assert isinstance(settle(SWITCHED_OFF, DUE, None, DUE), ScheduleMissed)
        assert isinstance(settle(SWITCHED_OFF, DUE, Queued(5, None, NOW), DUE), ScheduleMissed)

    def test_switched_off_after_the_run_was_started(self) -> None:
        """Who started it did not get to say so."""
        fired = settle(SWITCHED_OFF, DUE, Queued(7, DUE, DUE), DUE + HOUR)
        assert fired == FIRED.model_copy(update={"scheduled_for": None, "cron": None, "at": DUE + HOUR})


class TestNight:
    """The moment has come."""

    @pytest.mark.parametrize("late", [timedelta(), SECOND, HOUR, 20 * HOUR])
    def test_it_is_dealt_with(self, late: timedelta) -> None:
        """Under the night's name, however late."""
        assert decide(PLANNED, SCHEDULE, DUE + late) == NIGHT

    def test_of_several_nights_the_last_one_counts(self) -> None:
        """Those before are over."""
        assert decide(PLANNED, SCHEDULE, DUE + 5 * DAY + HOUR) == Night(DUE + 5 * DAY, "bulk-Europe/Berlin-2026-11-28")

    def test_of_several_runs_a_day_too(self) -> None:
        """Every six hours, and ten hours away."""
        schedule = Schedule("0 */6 * * *", BERLIN, GRACE)
        last = planned(DUE - 3 * HOUR, NOW, cron="0 */6 * * *")
        assert decide(last, schedule, DUE + 6 * HOUR) == Night(DUE + 3 * HOUR, "bulk-Europe/Berlin-2026-11-23T0600")

    @pytest.mark.parametrize("late", [timedelta(), SECOND, MINUTE, MINUTE + SECOND, 6 * HOUR])
    def test_its_run_is_started_within_the_grace_period(self, late: timedelta) -> None:
        """The last second counts."""
        assert settle(SCHEDULE, DUE, None, DUE + late) is None

    def test_after_the_grace_period_it_is_missed(self) -> None:
        """The next one is planned by that."""
        now = DUE + 6 * HOUR + SECOND
        assert settle(SCHEDULE, DUE, None, now) == ScheduleMissed(
            scheduled_for=NEXT, cron=NIGHTLY, time_zone="Europe/Berlin", due=DUE, at=now
        )

    @pytest.mark.parametrize("grace", [0, 30])
    def test_in_time_is_not_late(self, grace: int) -> None:
        """Without a grace period nothing is caught up; what is in time is run."""
        schedule = Schedule(NIGHTLY, BERLIN, grace)
        assert settle(schedule, DUE, None, DUE + MINUTE) is None
        assert isinstance(settle(schedule, DUE, None, DUE + MINUTE + SECOND), ScheduleMissed)

    def test_started_in_time(self) -> None:
        """Up to a minute after the moment."""
        now = DUE + MINUTE
        assert settle(SCHEDULE, DUE, Queued(7, DUE, now), now) == FIRED.model_copy(update={"at": now})

    def test_started_late(self) -> None:
        """It is caught up."""
        now = DUE + MINUTE + SECOND
        assert settle(SCHEDULE, DUE, Queued(7, DUE, now), now) == ScheduleCaughtUp(
            scheduled_for=NEXT, cron=NIGHTLY, time_zone="Europe/Berlin", due=DUE, at=now, job_id=7
        )

    @pytest.mark.parametrize("other", [None, DUE - DAY])
    def test_a_run_that_is_still_going(self, other: datetime | None) -> None:
        """Of a person, or of the night before: it is not doubled."""
        assert settle(SCHEDULE, DUE, Queued(5, other, NOW), DUE) == ScheduleSkipped(
            scheduled_for=NEXT, cron=NIGHTLY, time_zone="Europe/Berlin", due=DUE, at=DUE, job_id=5
        )

    def test_a_run_that_is_still_going_after_the_grace_period(self) -> None:
        """The night was missed: nobody was there."""
        assert isinstance(settle(SCHEDULE, DUE, Queued(5, None, NOW), DUE + 7 * HOUR), ScheduleMissed)

    @pytest.mark.parametrize("late", [HOUR, 10 * HOUR])
    def test_a_run_that_nobody_got_to_say(self, late: timedelta) -> None:
        """A crash right after it was queued in time: it is said by the next one who looks, however late."""
        said = settle(SCHEDULE, DUE, Queued(7, DUE, DUE + SECOND), DUE + late)
        assert said == FIRED.model_copy(update={"at": DUE + late})

    @pytest.mark.parametrize("last", [FIRED, ScheduleMissed(**FIRED.model_dump(exclude={"job_id"}))])
    def test_it_is_dealt_with_once(self, last: SchedulePlanned) -> None:
        """Whatever became of it."""
        assert decide(last, SCHEDULE, DUE) == Wait(last)
        assert decide(last, SCHEDULE, DUE + MINUTE) == Wait(last)

    def test_a_day_that_passed_while_it_was_dealt_with(self) -> None:
        """The next run is later than the night in any case."""
        said = settle(SCHEDULE, DUE, Queued(7, DUE, DUE), DUE - MINUTE)
        assert said is not None
        assert said.scheduled_for == NEXT


class TestOtherSettings:
    """The plan that stands was made by a scheduler of other settings."""

    FOUR = Schedule("0 4 * * *", BERLIN, GRACE)
    KOLKATA = Schedule("30 */6 * * *", ZoneInfo("Asia/Kolkata"), GRACE)

    @pytest.mark.parametrize("schedule", [FOUR, KOLKATA, SWITCHED_OFF])
    @pytest.mark.parametrize("late", [timedelta(), HOUR, 20 * HOUR])
    def test_its_night_is_settled_first(self, schedule: Schedule, late: timedelta) -> None:
        """At its very moment and later, by who starts and by who was there: under the name of the plan that stands."""
        assert decide(PLANNED, schedule, DUE + late) == NIGHT
        assert go_on(PLANNED, schedule, DUE + late) == NIGHT

    def test_of_several_nights_the_last_one_of_its_plan_counts(self) -> None:
        """The expression that says which one is the plan's."""
        night = Night(DUE + 5 * DAY, "bulk-Europe/Berlin-2026-11-28")
        assert decide(PLANNED, self.KOLKATA, DUE + 5 * DAY + HOUR) == night

    @pytest.mark.parametrize("schedule", [FOUR, KOLKATA, SWITCHED_OFF])
    def test_whose_settings_count(self, schedule: Schedule) -> None:
        """Of who starts his own; of who was there those of the plan, with its own grace period."""
        assert rules.in_force(None, schedule, starting=False) == schedule
        assert rules.in_force(PLANNED, schedule, starting=True) == schedule
        assert rules.in_force(PLANNED, schedule, starting=False) == SCHEDULE
        assert rules.in_force(PLANNED, Schedule("0 4 * * *", BERLIN, 5), starting=False).grace == 5

    def test_who_starts_then_plans_with_its_own_settings(self) -> None:
        """Whatever became of the night."""
        fired = settle(self.FOUR, DUE, Queued(7, DUE, DUE), DUE)
        missed = settle(self.FOUR, DUE, None, DUE + 7 * HOUR)
        assert fired == FIRED.model_copy(update={"scheduled_for": DUE + HOUR, "cron": "0 4 * * *"})
        assert missed is not None
        assert (missed.scheduled_for, missed.cron) == (NEXT + HOUR, "0 4 * * *")

    def test_who_is_there_already_leaves_it_until_its_moment(self) -> None:
        """At its own moment, an hour before, it does not put the other's off until its own of tomorrow."""
        four = planned(DUE + HOUR, NOW, cron="0 4 * * *")
        assert go_on(four, SCHEDULE, DUE) == Wait(four)
        assert go_on(four, SCHEDULE, DUE + HOUR) == Night(DUE + HOUR, NIGHT.run_id)

    @pytest.mark.parametrize("last", [OFF, planned(DUE + 5 * DAY, NOW, cron="0 3 * * SAT")])
    def test_who_is_there_already_follows_whoever_started_last(self, last: SchedulePlanned) -> None:
        """Also where that one is switched off, or is rarely due."""
        assert go_on(last, SCHEDULE, NOW) == Wait(last)

    def test_who_is_switched_off_and_there_already_puts_nothing_off(self) -> None:
        """It has said so when it started."""
        assert go_on(PLANNED, SWITCHED_OFF, NOW) == Wait(PLANNED)


class TestClockSetBack:
    """By an operator, or in a demo."""

    def test_a_plan_too_far_ahead_is_made_anew(self) -> None:
        """A night that was not dealt with comes again."""
        far = planned(DUE + 10 * DAY, NOW + 9 * DAY)
        assert decide(far, SCHEDULE, NOW) == PLANNED
        assert go_on(far, SCHEDULE, NOW) == PLANNED

    def test_another_plan_too_far_ahead_too(self) -> None:
        """Made with the settings of the one that planned it."""
        far = planned(DUE + 10 * DAY, NOW + 9 * DAY, cron="30 3 * * *", zone="UTC")
        assert go_on(far, SCHEDULE, NOW) == planned(DUE + 90 * MINUTE, NOW, cron="30 3 * * *", zone="UTC")

    def test_a_night_that_was_dealt_with_does_not_come_again(self) -> None:
        """The plan stands: the enricher would refuse that night too."""
        assert decide(FIRED, SCHEDULE, DUE - HOUR) == Wait(FIRED)
        assert decide(FIRED, SCHEDULE, DUE - 10 * DAY) == Wait(FIRED)
        assert go_on(FIRED, SCHEDULE, DUE - 10 * DAY) == Wait(FIRED)

    def test_nor_under_other_settings(self) -> None:
        """Another time, or off and on again: what is planned is later than that night."""
        four = Schedule("0 4 * * *", BERLIN, GRACE)
        said = decide(FIRED, four, NOW - 10 * DAY)
        assert said == planned(DUE + HOUR, NOW - 10 * DAY, cron="0 4 * * *", due=DUE)
        assert isinstance(said, SchedulePlanned)
        assert decide(said, four, NOW - 9 * DAY) == Wait(said)
        off = decide(FIRED, SWITCHED_OFF, NOW - 10 * DAY)
        assert isinstance(off, SchedulePlanned)
        assert decide(off, SCHEDULE, NOW) == planned(NEXT, NOW, due=DUE)
