"""What the scheduler is told: when, and in which time zone."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field

from metarr_chassis.settings import ServiceSettings

OFF = "off"
FIELDS = 5
"""The library also takes six, with seconds; a run has its minute."""


def _cron(text: str) -> str:
    if text == OFF:
        return text
    try:
        if len(text.split()) != FIELDS:
            raise CronSimError("Wrong number of fields")  # noqa: TRY301
        if next(CronSim(text, datetime.now(UTC)), None) is None:
            raise CronSimError("It never comes due")  # noqa: TRY301
    except CronSimError as error:
        raise ValueError(f"expected a cron expression of five fields such as `0 3 * * *`, or `off`: {error}") from error
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"expected an IANA time zone such as Europe/Berlin, found {name}") from error
    return name


class SchedulerSettings(ServiceSettings):
    """The nightly run's time."""

    schedule: Annotated[str, AfterValidator(_cron)] = Field(
        default="0 3 * * *", description="When the nightly run is due, and quotas are tried again: cron, or `off`"
    )
    schedule_grace: int = Field(
        default=21_600,
        ge=0,
        description="How late, in seconds, a missed nightly run is still started; `0` leaves it out",
    )
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(default="UTC", description="IANA zone of the schedule")

    @property
    def cron(self) -> str | None:
        """The expression; None when the schedule is off."""
        return None if self.schedule == OFF else self.schedule
