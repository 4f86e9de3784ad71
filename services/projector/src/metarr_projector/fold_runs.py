"""What events of runs over the whole library do: the run's row, the row of its job, the films that failed."""

from collections.abc import Mapping
from typing import Literal

from metarr_contracts import bulk
from metarr_contracts.base import Value
from metarr_contracts.events import CancelRequested
from metarr_projector.patches import Changes, JobPatch
from metarr_projector.patches_runs import RunPatch
from metarr_projector.runs import ALL, progress

JOB_STATES: Mapping[bulk.RunEnd, Literal["completed", "failed", "cancelled"]] = {
    "completed": "completed",
    "partial": "completed",
    "cancelled": "cancelled",
    "failed": "failed",
}


def fold_run(changes: Changes, seq: int, event: Value) -> None:
    """Add what one event does to a run; nothing if it is not about one."""
    match event:
        case bulk.BulkStarted():
            _started(changes, seq, event)
        case bulk.BulkProgressed():
            _progressed(changes, seq, event)
        case bulk.BulkLimited():
            changes.add_run(
                RunPatch(
                    event.job_id,
                    seq,
                    "running",
                    event.counts,
                    looked_at=event.counts.settled,
                    limits={event.provider: event.at},
                )
            )
            changes.add_job(JobPatch(event.job_id, "bulk", "running", progress=progress(event.counts)))
        case bulk.BulkEnded():
            _ended(changes, seq, event)
        case CancelRequested():
            changes.add_run(RunPatch(event.job_id, seq, cancelling=True))
        case _:
            pass


def _started(changes: Changes, seq: int, event: bulk.BulkStarted) -> None:
    changes.add_run(
        RunPatch(
            event.job_id,
            seq,
            "running",
            event.counts,
            activity_id=seq,
            trigger=event.trigger,
            force=event.force,
            scheduled_for=event.scheduled_for,
            started_at=event.started_at,
            looked_at=event.counts.settled,
            current=event.current,
            providers=event.providers,
            waiting="",
            # A cancel from before it has no row to be kept in, unless it comes in the same batch.
            cancelling=False,
        )
    )
    changes.add_job(
        JobPatch(event.job_id, "bulk", "running", progress=progress(event.counts), started_at=event.started_at)
    )


def _progressed(changes: Changes, seq: int, event: bulk.BulkProgressed) -> None:
    changes.add_run(
        RunPatch(
            event.job_id,
            seq,
            "running",
            event.counts,
            looked_at=event.counts.settled,
            current=event.current,
            providers=event.providers,
            waiting=event.waiting or "",
            waiting_until=event.waiting_until if event.waiting else None,
        )
    )
    changes.add_job(JobPatch(event.job_id, "bulk", "running", progress=progress(event.counts)))
    changes.run_failures.update({(event.job_id, failed.movie_id): failed for failed in event.failures})


def _ended(changes: Changes, seq: int, event: bulk.BulkEnded) -> None:
    whole = event.status == "completed"
    changes.add_run(
        RunPatch(
            event.job_id,
            seq,
            event.status,
            event.counts,
            completed_at=event.completed_at,
            looked_at=event.counts.total if whole else None,
            providers=event.providers,
            waiting="",
            resume_from=event.resume_from,
            error=event.error,
        )
    )
    changes.add_job(
        JobPatch(
            event.job_id,
            "bulk",
            JOB_STATES[event.status],
            progress=ALL if whole else None,
            completed_at=event.completed_at,
            error=event.error,
            code=event.code or (event.status if event.status in {"partial", "cancelled"} else None),
        )
    )
