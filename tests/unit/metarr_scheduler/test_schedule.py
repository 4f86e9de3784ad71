"""When the next nightly run is due, on the days when clocks change too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_contracts.events import SchedulePlanned
from metarr_scheduler.schedule import next_run, plan

NIGHTLY = "0 3 * * *"
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")


def runs(cron: str, zone: str, after: str, count: int) -> list[str]:
    """The next runs in the zone's own time, with its offset."""
    there, moment, found = ZoneInfo(zone), datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone)), []
    for _ in range(count):
        moment = next_run(cron, there, moment)
        assert moment.tzinfo is UTC
        found.append(moment.astimezone(there).isoformat())
    return found


def test_every_night_at_three() -> None:
    """In the person's own zone."""
    assert runs(NIGHTLY, "Asia/Kolkata", "2026-11-22T12:00", 2) == [
        "2026-11-23T03:00:00+05:30",
        "2026-11-24T03:00:00+05:30",
    ]


@pytest.mark.parametrize(
    ("zone", "cron", "after", "expected"),
    [
        # 02:00 becomes 03:00: three o'clock is there, half past two is not and is run right after the change.
        (
            "Europe/Berlin",
            NIGHTLY,
            "2026-03-28T12:00",
            ["2026-03-29T03:00:00+02:00", "2026-03-30T03:00:00+02:00"],
        ),
        (
            "Europe/Berlin",
            "30 2 * * *",
            "2026-03-28T12:00",
            ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"],
        ),
        (
            "America/New_York",
            "30 2 * * *",
            "2026-03-07T12:00",
            ["2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"],
        ),
        # On Lord Howe the clock moves by half an hour only: 02:00 becomes 02:30.
        (
            "Australia/Lord_Howe",
            "15 2 * * *",
            "2026-10-03T12:00",
            ["2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"],
        ),
    ],
)
def test_a_time_that_the_clock_skips_is_run_right_after_it(
    zone: str, cron: str, after: str, expected: list[str]
) -> None:
    """The night on which clocks go forward has its run."""
    assert runs(cron, zone, after, 2) == expected


@pytest.mark.parametrize(
    ("zone", "cron", "after", "expected"),
    [
        (
            "Europe/Berlin",
            NIGHTLY,
            "2026-10-24T12:00",
            ["2026-10-25T03:00:00+01:00", "2026-10-26T03:00:00+01:00"],
        ),
        (
            "Europe/Berlin",
            "30 2 * * *",
            "2026-10-24T12:00",
            ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
        ),
        (
            "America/New_York",
            "30 1 * * *",
            "2026-10-31T12:00",
            ["2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"],
        ),
        (
            "Australia/Lord_Howe",
            "45 1 * * *",
            "2026-04-04T12:00",
            ["2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"],
        ),
    ],
)
def test_a_time_that_comes_twice_is_run_once(zone: str, cron: str, after: str, expected: list[str]) -> None:
    """The night on which clocks go back has one run."""
    assert runs(cron, zone, after, 2) == expected


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(ZONES),
    st.integers(0, 59),
    st.integers(0, 23),
)
def test_there_is_one_run_in_each_night(after: datetime, zone: str, minute: int, hour: int) -> None:
    """Runs come after the moment, in order, and no more than a day and the change of the clock apart."""
    cron, there = f"{minute} {hour} * * *", ZoneInfo(zone)
    first = next_run(cron, there, after)
    second = next_run(cron, there, first)
    assert timedelta() < first - after <= timedelta(hours=25)
    assert timedelta(hours=22) <= second - first <= timedelta(hours=26)
    assert next_run(cron, there, first - timedelta(microseconds=1)) == first


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLANNED = SchedulePlanned(
    scheduled_for=datetime(2026, 11, 23, 2, tzinfo=UTC), cron=NIGHTLY, time_zone="Europe/Berlin", at=NOW
)
OFF = SchedulePlanned(scheduled_for=None, cron=None, time_zone="Europe/Berlin", at=NOW)


class TestPlan:
    """What is said of the schedule: given the last plan."""

    def test_at_first(self) -> None:
        """Nothing was planned, so the next run is."""
        assert plan(None, NIGHTLY, BERLIN, NOW) == PLANNED

    def test_the_same_again_is_ignored(self) -> None:
        """A restart says nothing new."""
        assert plan(PLANNED, NIGHTLY, BERLIN, NOW + timedelta(hours=1)) is None

    def test_when_the_moment_has_come(self) -> None:
        """The next night is planned, however late we are."""
        for late in (timedelta(hours=14), timedelta(hours=20)):
            news = plan(PLANNED, NIGHTLY, BERLIN, NOW + late)
            assert news is not None
            assert news.scheduled_for == datetime(2026, 11, 24, 2, tzinfo=UTC)

    def test_a_changed_schedule(self) -> None:
        """Another time, another zone, off, on again."""
        other = plan(PLANNED, "0 4 * * *", BERLIN, NOW)
        assert other is not None
        assert other.scheduled_for == datetime(2026, 11, 23, 3, tzinfo=UTC)
        assert plan(PLANNED, NIGHTLY, ZoneInfo("UTC"), NOW) is not None
        assert plan(PLANNED, None, BERLIN, NOW) == OFF
        assert plan(OFF, NIGHTLY, BERLIN, NOW) == PLANNED

    def test_off_stays_off(self) -> None:
        """And is said once."""
        assert plan(OFF, None, BERLIN, NOW + timedelta(days=3)) is None
