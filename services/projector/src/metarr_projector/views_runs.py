"""From rows to the read models of runs, their schedule and their history. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from metarr_contracts import readmodels
from metarr_contracts.bulk import FailedMovie, ResumeFrom, RunCounts, RunMovie, RunProvider
from metarr_projector import runs
from metarr_projector.estimate import remaining_duration
from metarr_projector.staging_runs import LIMITS, RUN_PROVIDERS

Row = Mapping[str, Any]


def last_run(row: Row) -> readmodels.LastRun:
    """A run that ended."""
    providers = _providers(row)
    limited = runs.limited(providers)
    return readmodels.LastRun(
        job_id=row["job_id"],
        trigger=row["trigger"],
        force=row["force"],
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        status=row["status"],
        stats=runs.stats(_counts(row)),
        remaining=_remaining(row),
        rate_limit_hit=bool(limited),
        rate_limited_providers=limited,
        resume_from=_resume_from(row),
        providers=providers,
        error=row["error"],
    )


def current_run(row: Row, now: datetime) -> readmodels.CurrentRun:
    """A run that goes on, seen from this moment."""
    counts = _counts(row)
    elapsed = max(0.0, (now - row["started_at"]).total_seconds())
    goes_on = not row["waiting"] and not row["cancelling"]
    return readmodels.CurrentRun(
        job_id=row["job_id"],
        seq=row["seq"],
        trigger=row["trigger"],
        force=row["force"],
        started_at=row["started_at"],
        progress=runs.progress(counts),
        processed_movies=counts.settled,
        total_movies=counts.total,
        current_movie=RunMovie.model_validate_json(row["current"]),
        rate_limited_providers=runs.limited(_providers(row)),
        stats=runs.live_stats(counts),
        waiting=row["waiting"] or None,
        waiting_until=row["waiting_until"],
        state="cancelling" if row["cancelling"] else "running",
        elapsed=int(elapsed),
        estimated_remaining=remaining_duration(counts, elapsed) if goes_on else None,
    )


def next_run(schedule: Row | None, now: datetime) -> readmodels.NextRun | None:
    """When the next run is due, seen from this moment; None while the schedule is off."""
    if schedule is None or schedule["scheduled_for"] is None:
        return None
    due: datetime = schedule["scheduled_for"]
    return readmodels.NextRun(scheduled_at=due, time_until=max(0, int((due - now).total_seconds())))


def schedule_of(schedule: Row | None) -> readmodels.Schedule | None:
    """The rule by which runs are due; None while the schedule is off."""
    if schedule is None or schedule["cron"] is None:
        return None
    return readmodels.Schedule(cron=schedule["cron"], time_zone=schedule["time_zone"])


def activity(row: Row) -> readmodels.Activity:
    """A run, or a night that was left out: a row without films."""
    providers = _providers(row)
    limited = runs.limited(providers)
    completed_at = row["completed_at"]
    return readmodels.Activity(
        id=row["activity_id"],
        status=row["status"],
        job_id=row["job_id"],
        trigger=row["trigger"],
        force=row["force"],
        scheduled_for=row["scheduled_for"],
        started_at=row["started_at"],
        completed_at=completed_at,
        duration=round((completed_at - row["started_at"]).total_seconds(), 1) if completed_at else None,
        stats=None if row["total"] is None else runs.stats(_counts(row)),
        remaining=0 if row["total"] is None else _remaining(row),
        rate_limit_hit=bool(limited),
        rate_limited_providers=limited,
        resume_from=_resume_from(row),
        providers=providers,
        error=row["error"],
    )


def report(row: Row, failures: Sequence[Row], row_offset: int, page: int) -> readmodels.RunReport:
    """What a run did; `failures` are its films from `row_offset` on, one more than a page where there are more."""
    return readmodels.RunReport(
        status=row["status"],
        stats=runs.live_stats(_counts(row)),
        remaining=_remaining(row),
        providers=_providers(row),
        resume_from=_resume_from(row),
        failures=tuple(FailedMovie(**failed) for failed in failures[:page]),
        next_row_offset=row_offset + page if len(failures) > page else None,
    )


def _counts(row: Row) -> RunCounts:
    return RunCounts(**{name: row[name] for name in RunCounts.model_fields})


def _remaining(row: Row) -> int:
    # At its end a run counts what it did not get to as skipped; what it looked at is known from before.
    not_reached: int = row["total"] - row["looked_at"]
    return max(0, not_reached)


def _providers(row: Row) -> tuple[RunProvider, ...]:
    return runs.with_limits(RUN_PROVIDERS.validate_json(row["providers"]), LIMITS.validate_json(row["limits"]))


def _resume_from(row: Row) -> ResumeFrom | None:
    return ResumeFrom.model_validate_json(row["resume_from"]) if row["resume_from"] else None
