"""What events of jobs without a film of their own do: imports, and commands that were rejected."""

from datetime import datetime
from typing import Literal

from metarr_contracts import events
from metarr_contracts.base import Value
from metarr_contracts.readmodels import LastJob
from metarr_projector.patches import Changes, JobPatch

ALL = 100


def fold_job(changes: Changes, time: datetime, event: Value) -> None:
    """Add what one event does to jobs; nothing if it is not about one."""
    match event:
        case events.CommandRejected():
            _rejected(changes, time, event)
        case events.ImportProgressed():
            _progressed(changes, event)
        case events.ImportCompleted():
            changes.add_job(
                JobPatch(
                    job_id=event.job_id,
                    kind="import",
                    state="completed",
                    progress=ALL,
                    completed_at=event.completed_at,
                    processed=event.total,
                    total=event.total,
                    counts=event.counts,
                )
            )
        case events.ImportFailed():
            _ended_early(changes, event, "failed", event.error)
        case events.ImportCancelled():
            _ended_early(changes, event, "cancelled", "Import cancelled")
        case _:
            pass


def _rejected(changes: Changes, time: datetime, event: events.CommandRejected) -> None:
    changes.add_job(
        JobPatch(
            job_id=event.job_id,
            kind=event.kind,
            state="failed",
            movie_id=event.movie_id,
            completed_at=time,
            error=event.error,
            code=event.code,
        )
    )
    if event.movie_id is not None:
        changes.movie(event.movie_id).last_job = LastJob(
            job_id=event.job_id, state="failed", completed_at=time, error=event.error
        )


def _progressed(changes: Changes, event: events.ImportProgressed) -> None:
    changes.add_job(
        JobPatch(
            job_id=event.job_id,
            kind="import",
            state="running",
            progress=event.processed * ALL // max(event.total, 1),
            started_at=event.at,
            processed=event.processed,
            total=event.total,
            counts=event.counts,
        )
    )
    changes.import_rows.update({(event.job_id, noted.row): noted for noted in event.noted})


def _ended_early(
    changes: Changes,
    event: events.ImportFailed | events.ImportCancelled,
    state: Literal["failed", "cancelled"],
    error: str,
) -> None:
    changes.add_job(
        JobPatch(
            job_id=event.job_id,
            kind="import",
            state=state,
            completed_at=event.completed_at,
            error=error,
            code="cancelled" if state == "cancelled" else None,
        )
    )
