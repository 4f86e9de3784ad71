"""When runs are due and what they are called, on the days when clocks change too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_scheduler.cron import last_run, next_run, run_id

NIGHTLY = "0 3 * * *"
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


@pytest.mark.parametrize(
    ("zone", "cron", "after", "expected"),
    [
        # Two o'clock comes twice in Berlin; on Lord Howe the half hour from half past one does.
        ("Europe/Berlin", "0 * * * *", "2026-10-25T01:30", ["2026-10-25T02:00:00+02:00", "2026-10-25T03:00:00+01:00"]),
        (
            "Australia/Lord_Howe",
            "*/30 * * * *",
            "2026-04-05T01:20",
            ["2026-04-05T01:30:00+11:00", "2026-04-05T02:00:00+10:30"],
        ),
        # And it is skipped: what was due in between is run once.
        (
            "Europe/Berlin",
            "*/30 * * * *",
            "2026-03-29T01:45",
            ["2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"],
        ),
        (
            "Australia/Lord_Howe",
            "0 */3 * * *",
            "2026-10-04T00:30",
            ["2026-10-04T03:00:00+11:00", "2026-10-04T06:00:00+11:00"],
        ),
    ],
)
def test_several_runs_a_day_keep_the_same_rule(zone: str, cron: str, after: str, expected: list[str]) -> None:
    """Each local time is one run, whatever the expression looks like."""
    assert runs(cron, zone, after, 2) == expected


def test_a_run_is_never_in_the_past() -> None:
    """Half past two was there when the clock shows ten past two for the second time."""
    second_time = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert next_run("30 2 * * *", ZoneInfo("Europe/Berlin"), second_time) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    assert last_run("30 2 * * *", ZoneInfo("Europe/Berlin"), second_time) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(ZONES),
    st.sampled_from(("0 3 * * *", "30 2 * * *", "*/20 1-3 * * *", "0 */6 * * *", "45 1 * * MON")),
)
def test_the_last_run_is_the_one_before_the_next(moment: datetime, zone: str, cron: str) -> None:
    """Looking back and looking ahead find the same runs."""
    there = ZoneInfo(zone)
    last = last_run(cron, there, moment)
    assert last <= moment < next_run(cron, there, moment)
    assert next_run(cron, there, last) == next_run(cron, there, moment)
    assert last_run(cron, there, last) == last


class TestRunId:
    """The name of a run, by which the server knows it again."""

    @pytest.mark.parametrize(
        ("zone", "cron", "due", "expected"),
        [
            ("Europe/Berlin", NIGHTLY, "2026-11-23T02:00", "bulk-Europe/Berlin-2026-11-23"),
            ("Asia/Kolkata", NIGHTLY, "2026-11-22T21:30", "bulk-Asia/Kolkata-2026-11-23"),
            ("America/New_York", "30 22 * * *", "2026-11-23T03:30", "bulk-America/New_York-2026-11-22"),
            # Skipped, and coming twice: it is that date's run.
            ("Europe/Berlin", "30 2 * * *", "2026-03-29T01:00", "bulk-Europe/Berlin-2026-03-29"),
            ("Europe/Berlin", "30 2 * * *", "2026-10-25T00:30", "bulk-Europe/Berlin-2026-10-25"),
            # Midnight itself is skipped, and comes twice.
            ("Africa/Cairo", "0 0 * * *", "2026-04-23T22:00", "bulk-Africa/Cairo-2026-04-24"),
            ("America/Havana", "30 0 * * *", "2026-11-01T04:30", "bulk-America/Havana-2026-11-01"),
        ],
    )
    def test_it_names_the_local_date(self, zone: str, cron: str, due: str, expected: str) -> None:
        """Of the first run of that date."""
        assert run_id(cron, ZoneInfo(zone), datetime.fromisoformat(due).replace(tzinfo=UTC)) == expected

    def test_a_later_run_of_the_date_has_its_time(self) -> None:
        """In local time."""
        zone, names, due = ZoneInfo("Europe/Berlin"), [], datetime(2026, 11, 22, 20, tzinfo=UTC)
        for _ in range(4):
            due = next_run("0 0,3,18 * * *", zone, due)
            names.append(run_id("0 0,3,18 * * *", zone, due).removeprefix("bulk-Europe/Berlin-"))
        assert names == ["2026-11-23", "2026-11-23T0300", "2026-11-23T1800", "2026-11-24"]

    @pytest.mark.parametrize("zone", ZONES)
    @pytest.mark.parametrize(
        "day", ["2026-03-29", "2026-10-25", "2026-04-05", "2026-10-04", "2026-03-08", "2026-11-01"]
    )
    def test_two_runs_never_share_a_name(self, zone: str, day: str) -> None:
        """Not on the days of a change either."""
        there, due, names = ZoneInfo(zone), datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=1), []
        for _ in range(200):
            due = next_run("*/15 * * * *", there, due)
            names.append(run_id("*/15 * * * *", there, due))
        assert len(set(names)) == len(names)
