"""When the next nightly run is due: cron in a person's own time zone. Pure."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

from metarr_contracts.events import SchedulePlanned


def next_run(cron: str, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment after this one (UTC).

    A local time that a clock change skips is run right after it, one that comes twice is run once, as in Debian's cron.
    """
    return next(CronSim(cron, after.astimezone(zone))).astimezone(UTC)


def plan(last: SchedulePlanned | None, cron: str | None, zone: ZoneInfo, now: datetime) -> SchedulePlanned | None:
    """What is planned, if that is news. Without a cron expression the schedule is off."""
    due = next_run(cron, zone, now) if cron is not None else None
    if last is not None and (last.scheduled_for, last.cron, last.time_zone) == (due, cron, zone.key):
        return None
    return SchedulePlanned(scheduled_for=due, cron=cron, time_zone=zone.key, at=now)
