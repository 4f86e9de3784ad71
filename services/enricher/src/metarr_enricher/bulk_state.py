"""All runs over the whole library, folded from `metarr.evt.bulk`. Pure."""

from datetime import date
from typing import assert_never

from metarr_contracts import bulk
from metarr_contracts.base import Utc, Value
from metarr_contracts.events import CancelRequested
from metarr_contracts.fields import ProviderName

BulkEvent = bulk.BulkEvent | CancelRequested


class Run(Value):
    """The run that goes on, as far as it was told."""

    job_id: int
    attempt: int
    trigger: bulk.RunTrigger
    force: bool
    asked_since: Utc
    first: int
    highest: int
    cursor: int
    settled_above: tuple[int, ...] = ()
    counts: bulk.RunCounts
    providers: tuple[bulk.RunProvider, ...]
    without: tuple[ProviderName, ...] = ()
    resume_at: int | None = None
    stopped_by: ProviderName | None = None
    cancel_requested: bool = False


class BulkState(Value):
    """Where the next run begins, which nights were run, and the run that goes on.

    Attributes:
        first_day: The UTC day of the very first run; no answer to a run is older.
    """

    cursor: int = 1
    last_job: int = 0
    cancelled_job: int = 0
    last_scheduled: Utc | None = None
    first_day: date | None = None
    run: Run | None = None


INITIAL = BulkState()


def evolve(state: BulkState, event: BulkEvent) -> BulkState:
    """All runs after the event. Never raises: what happened, happened."""
    match event:
        case bulk.BulkStarted():
            return _started(state, event)
        case bulk.BulkEnded():
            return state.model_copy(update={"cursor": event.cursor, "last_job": event.job_id, "run": None})
        case CancelRequested():
            return _cancelled(state, event.job_id)
        case bulk.BulkProgressed() | bulk.BulkLimited():
            if state.run is None or state.run.job_id != event.job_id:
                return state
            return state.model_copy(update={"run": _went_on(state.run, event)})
        case _:
            assert_never(event)


def _started(state: BulkState, event: bulk.BulkStarted) -> BulkState:
    return state.model_copy(
        update={
            "last_scheduled": event.scheduled_for or state.last_scheduled,
            "first_day": state.first_day or event.started_at.date(),
            "run": Run(
                job_id=event.job_id,
                attempt=event.attempt,
                trigger=event.trigger,
                force=event.force,
                asked_since=event.asked_since,
                first=event.cursor,
                highest=event.highest,
                cursor=event.cursor,
                counts=event.counts,
                providers=event.providers,
                # It may have been cancelled while it waited in the queue.
                cancel_requested=event.job_id == state.cancelled_job,
            ),
        }
    )


def _cancelled(state: BulkState, job_id: int) -> BulkState:
    run = state.run
    if run is not None and run.job_id == job_id:
        run = run.model_copy(update={"cancel_requested": True})
    return state.model_copy(update={"cancelled_job": max(state.cancelled_job, job_id), "run": run})


def _went_on(run: Run, event: bulk.BulkProgressed | bulk.BulkLimited) -> Run:
    match event:
        case bulk.BulkProgressed():
            told = {
                "attempt": event.attempt,
                "cursor": event.cursor,
                "settled_above": event.settled_above,
                "counts": event.counts,
                "providers": event.providers,
                "without": event.without,
            }
        case bulk.BulkLimited():
            told = {
                "attempt": event.attempt,
                "providers": tuple(
                    provider.model_copy(update={"limited_at": event.at})
                    if provider.name == event.provider
                    else provider
                    for provider in run.providers
                ),
                **_consequence(run, event),
            }
        case _:
            assert_never(event)
    return run.model_copy(update=told)


def _consequence(run: Run, limited: bulk.BulkLimited) -> dict[str, object]:
    if limited.stops:
        return {"stopped_by": limited.provider}
    # Only films before were asked of everybody: there the next run begins.
    resume_at = run.cursor if run.resume_at is None else run.resume_at
    return {"without": (*run.without, limited.provider), "resume_at": resume_at}
