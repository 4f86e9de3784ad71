"""What may be said of a run next: pure decisions, each of one event or none."""

from datetime import datetime, timedelta

from metarr_contracts import bulk
from metarr_contracts.commands import RunBulk
from metarr_contracts.events import CancelRequested
from metarr_enricher.bulk_state import BulkState, Run
from metarr_enricher.rule_errors import JobEndedError, RuleError

FURTHEST_NIGHT = timedelta(minutes=1)
"""A night is started when it has come; the clocks of two machines differ by less than this."""
MAX_IDLE_DELIVERIES = 10
"""A run that was delivered so often without getting any further is given up."""


class RunLostError(RuleError):
    """Another replica has taken the run over, or it has ended."""

    def __init__(self) -> None:
        super().__init__("The run is led by somebody else", "run_lost")


def refusal(state: BulkState, command: RunBulk, now: datetime) -> RuleError | None:
    """Why this command starts no run; None when it may."""
    night = command.scheduled_for
    if night is None:
        return None
    if state.last_scheduled is not None and night <= state.last_scheduled:
        return RuleError("This night was run already", "already_ran", "scheduledFor")
    if night > now + FURTHEST_NIGHT:
        return RuleError("scheduledFor: this night has not come yet", "invalid_command", "scheduledFor")
    return None


def start(state: BulkState, started: bulk.BulkStarted) -> bulk.BulkStarted | None:
    """The run begins, once; `started` was made from what the state says."""
    if state.last_job >= started.job_id:
        raise JobEndedError
    return None if state.run is not None and state.run.job_id == started.job_id else started


def go_on(state: BulkState, told: bulk.BulkProgressed | bulk.BulkLimited) -> bulk.BulkProgressed | bulk.BulkLimited:
    """What its lead tells of the run.

    Raises:
        RunLostError: there is another lead.
    """
    _own(state, told.job_id, told.attempt)
    return told


def end(state: BulkState, ended: bulk.BulkEnded) -> bulk.BulkEnded | None:
    """The run ends, once.

    Raises:
        RunLostError: there is another lead.
    """
    if state.last_job >= ended.job_id:
        return None
    _own(state, ended.job_id, ended.attempt)
    return ended


def request_cancel(state: BulkState, job_id: int) -> CancelRequested | None:
    """The run is to end; said once."""
    if state.last_job >= job_id:
        raise JobEndedError
    return None if state.cancelled_job == job_id else CancelRequested(job_id=job_id)


def is_hopeless(state: BulkState, job_id: int, attempt: int) -> bool:
    """Whether the run got nowhere in several deliveries of its command."""
    told = state.run.attempt if state.run is not None and state.run.job_id == job_id else 0
    return attempt - told >= MAX_IDLE_DELIVERIES


def give_up(run: Run, attempt: int, error: str, now: datetime) -> bulk.BulkEnded:
    """The end of a run that nobody can lead; the next one goes on from there."""
    counts = run.counts
    return bulk.BulkEnded(
        job_id=run.job_id,
        attempt=attempt,
        completed_at=now,
        status="failed",
        cursor=run.resume_at or run.cursor,
        counts=left_out(counts),
        providers=run.providers,
        error=error,
        code="gave_up",
    )


def left_out(counts: bulk.RunCounts) -> bulk.RunCounts:
    """At the end: what remained counts as skipped."""
    return counts.model_copy(update={"skipped": counts.skipped + counts.remaining, "remaining": 0})


def _own(state: BulkState, job_id: int, attempt: int) -> Run:
    if state.run is None or state.run.job_id != job_id or state.run.attempt > attempt:
        raise RunLostError
    return state.run
