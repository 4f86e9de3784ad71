"""Cron in a person's own time zone: each local time of the expression is one moment. Pure.

A local time that a clock change skips is run right after the change, one that comes twice is run the first time. So a
daily expression has one run on each local date, as in Debian's cron, and one with several runs a day keeps that rule.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

LARGEST_CHANGE = timedelta(hours=3)
"""No zone's clock goes back by more."""


def next_run(cron: str, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment after this one (UTC)."""
    runs = CronSim(cron, _local(after, zone))
    # In the hour that comes twice, local times ahead of this one have been before.
    return next(moment for moment in (_moment(run, zone) for run in runs) if moment > after)


def last_run(cron: str, zone: ZoneInfo, until: datetime) -> datetime:
    """The last moment that is not after this one (UTC)."""
    runs = CronSim(cron, _local(until, zone) + LARGEST_CHANGE, reverse=True)
    return next(moment for moment in (_moment(run, zone) for run in runs) if moment <= until)


def run_id(cron: str, zone: ZoneInfo, due: datetime) -> str:
    """The name of a run: `bulk-<zone>-<local date>`, a later one of the same date `bulk-<zone>-<date>T<HHMM>`."""
    local = _local(due, zone)
    midnight = _moment(local.replace(hour=0, minute=0, second=0, microsecond=0), zone)
    first = next_run(cron, zone, midnight - timedelta(microseconds=1))
    return f"bulk-{zone.key}-{local:%Y-%m-%d}" + ("" if due == first else f"T{local:%H%M}")


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    """When a clock on the wall first shows this time, or the first one that it shows after it."""
    while _local(moment := local.replace(tzinfo=zone).astimezone(UTC), zone) != local:
        local += timedelta(minutes=1)
    return moment
