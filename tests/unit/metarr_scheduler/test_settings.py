"""What the scheduler is told; what is wrong is refused with the form that is expected."""

import pytest
from pydantic import ValidationError

from metarr_scheduler.settings import SchedulerSettings


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting comes from the environment of the tests."""
    for name in SchedulerSettings.model_fields:
        monkeypatch.delenv(f"METARR_{name.upper()}", raising=False)


def test_every_night_at_three_by_default() -> None:
    """In UTC, as long as nobody says where."""
    settings = SchedulerSettings()
    assert (settings.cron, settings.time_zone) == ("0 3 * * *", "UTC")


def test_it_can_be_off() -> None:
    """Then there is no expression."""
    assert SchedulerSettings(schedule="off").cron is None


@pytest.mark.parametrize(
    "schedule", ["", "3 o'clock", "0 3 * *", "0 24 * * *", "0 3 31 2 *", "0 0 3 * * *", "0 3 */31 * MON#2"]
)
def test_a_bad_expression_is_refused(schedule: str) -> None:
    """One that never comes due as well."""
    with pytest.raises(ValidationError, match="expected a cron expression of five fields"):
        SchedulerSettings(schedule=schedule)


def test_a_missed_night_has_six_hours() -> None:
    """Or as many seconds as somebody says; zero is never, less is nothing."""
    assert SchedulerSettings().schedule_grace == 6 * 60 * 60
    assert SchedulerSettings(schedule_grace=0).schedule_grace == 0
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        SchedulerSettings(schedule_grace=-1)


@pytest.mark.parametrize("zone", ["", "Berlin", "../etc/passwd", "Europe/Atlantis", "/etc/localtime"])
def test_a_bad_zone_is_refused(zone: str) -> None:
    """IANA names only."""
    with pytest.raises(ValidationError, match="expected an IANA time zone"):
        SchedulerSettings(time_zone=zone)
