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
            job = _import(changes, event.job_id, "completed")
            job.progress, job.completed_at = ALL, event.completed_at
            job.processed, job.total, job.counts = event.total, event.total, event.counts
        case events.ImportFailed():
            job = _import(changes, event.job_id, "failed")
            job.completed_at, job.error = event.completed_at, event.error
        case events.ImportCancelled():
            job = _import(changes, event.job_id, "cancelled")
            job.completed_at, job.error, job.code = event.completed_at, "Import cancelled", "cancelled"
        case _:
            pass


def _rejected(changes: Changes, time: datetime, event: events.CommandRejected) -> None:
    of_movie = event.movie_id is not None or event.code == "movie_not_found"
    changes.jobs[event.job_id] = JobPatch(
        job_id=event.job_id,
        kind="enrichment" if of_movie else "import",
        state="failed",
        movie_id=event.movie_id,
        completed_at=time,
        error=event.error,
        code=event.code,
    )
    if event.movie_id is not None:
        changes.movie(event.movie_id).last_job = LastJob(
            job_id=event.job_id, state="failed", completed_at=time, error=event.error
        )


def _progressed(changes: Changes, event: events.ImportProgressed) -> None:
    job = _import(changes, event.job_id, "running")
    job.started_at = job.started_at or event.at
    job.progress = event.processed * ALL // max(event.total, 1)
    job.processed, job.total, job.counts = event.processed, event.total, event.counts
    changes.import_rows.update({(event.job_id, noted.row): noted for noted in event.noted})


def _import(changes: Changes, job_id: int, state: Literal["running", "completed", "failed", "cancelled"]) -> JobPatch:
    job = changes.jobs.get(job_id)
    if job is None:
        job = changes.jobs[job_id] = JobPatch(job_id, "import", state)
    job.state = state
    return job
