"""What is to be done about the nightly run, given the last thing that was said of the schedule. Pure.

Each event carries the next run and the last night that was dealt with: the last event is the whole state. What is
planned is later than now and than that night, so a clock that is set back brings no night a second time.

Schedulers of different settings may work at the same time, as while a setting is changed in one after the other. They
share the one plan, and the settings of the one that started last count for all of them: the plan holds these, and the
next night is planned by them whoever settles the one before. Each by its own would have two nights a day.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from metarr_contracts.events import (
    ScheduleCaughtUp,
    ScheduleFired,
    ScheduleMissed,
    SchedulePlanned,
    ScheduleSkipped,
)
from metarr_scheduler.cron import last_run, next_run, run_id

IN_TIME_SECONDS = 60
"""A run that begins later than this is caught up."""


@dataclass(frozen=True)
class Schedule:
    """When runs are due; without a cron expression the schedule is off. `grace`: seconds, see the settings."""

    cron: str | None
    zone: ZoneInfo
    grace: int


@dataclass(frozen=True)
class Queued:
    """The command that holds the queue's one place for a run: its job, its night, when it was put there."""

    job_id: int
    scheduled_for: datetime | None
    at: datetime


@dataclass(frozen=True)
class Wait:
    """The plan stands: there is nothing to do before its moment, or at all while the schedule is off."""

    plan: SchedulePlanned


@dataclass(frozen=True)
class Night:
    """A run's moment that has come, and the run's name."""

    due: datetime
    run_id: str


Started = ScheduleFired | ScheduleCaughtUp | ScheduleSkipped


def in_force(last: SchedulePlanned | None, schedule: Schedule, *, starting: bool) -> Schedule:
    """The settings that count for a scheduler: its own while it is starting, then those of the plan that stands."""
    if starting or last is None:
        return schedule
    return Schedule(last.cron, ZoneInfo(last.time_zone), schedule.grace)


def decide(
    last: SchedulePlanned | None, schedule: Schedule, now: datetime, *, starting: bool
) -> Wait | Night | SchedulePlanned:
    """What to do next under the settings in force: wait, settle a night, or say a new plan.

    A night that has come is settled first, whoever planned it; of several the last one counts. Whoever is starting then
    brings its own settings. Later a plan is only ever replaced by an earlier one, because the clock was set back: by
    later ones two that know other rules of a zone could put off each other's nights for ever.
    """
    news = _plan(last, schedule, now)
    if last is None:
        return news
    if last.cron is not None and last.scheduled_for is not None and last.scheduled_for <= now:
        zone = ZoneInfo(last.time_zone)
        due = max(last.scheduled_for, last_run(last.cron, zone, now))
        return Night(due, run_id(last.cron, zone, due))
    # Cron says something else when the clock was set back, or the zone's own rules have changed.
    replaced = _differs(news, last) if starting else _is_earlier(news, last)
    return news if replaced else Wait(last)


def settle(schedule: Schedule, due: datetime, queued: Queued | None, now: datetime) -> Started | ScheduleMissed | None:
    """What is said of a night that has come, given what stands in the queue; None: its run is to be put there first.

    The night's own command there means that somebody put it and did not get to say so. Who is switched off starts
    nothing: the night is missed.
    """
    if queued is not None and queued.scheduled_for == due:
        return record(schedule, due, queued, now)
    if schedule.cron is None or (now - due).total_seconds() > max(IN_TIME_SECONDS, schedule.grace):
        return ScheduleMissed(**_dealt_with(schedule, due, now))
    return record(schedule, due, queued, now) if queued else None


def record(schedule: Schedule, due: datetime, queued: Queued, now: datetime) -> Started:
    """What is said of a night when this command stands in the queue: its own, or that of a run that is still going."""
    said = _dealt_with(schedule, due, now)
    if queued.scheduled_for != due:
        return ScheduleSkipped(**said, job_id=queued.job_id)
    if (queued.at - due).total_seconds() > IN_TIME_SECONDS:
        return ScheduleCaughtUp(**said, job_id=queued.job_id)
    return ScheduleFired(**said, job_id=queued.job_id)


def _differs(news: SchedulePlanned, last: SchedulePlanned) -> bool:
    return (news.scheduled_for, news.cron, news.time_zone) != (last.scheduled_for, last.cron, last.time_zone)


def _is_earlier(news: SchedulePlanned, last: SchedulePlanned) -> bool:
    return news.scheduled_for is not None and (last.scheduled_for is None or news.scheduled_for < last.scheduled_for)


def _plan(last: SchedulePlanned | None, schedule: Schedule, now: datetime) -> SchedulePlanned:
    dealt_with = last.due if last else None
    return SchedulePlanned(
        scheduled_for=_next(schedule, max(now, dealt_with or now)),
        cron=schedule.cron,
        time_zone=schedule.zone.key,
        due=dealt_with,
        at=now,
    )


def _dealt_with(schedule: Schedule, due: datetime, now: datetime) -> dict[str, Any]:
    return {
        "scheduled_for": _next(schedule, max(now, due)),
        "cron": schedule.cron,
        "time_zone": schedule.zone.key,
        "due": due,
        "at": now,
    }


def _next(schedule: Schedule, after: datetime) -> datetime | None:
    return None if schedule.cron is None else next_run(schedule.cron, schedule.zone, after)
