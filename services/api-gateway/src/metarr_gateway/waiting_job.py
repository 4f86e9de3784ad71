"""What is said of a job that the read models do not know yet: its command still stands in the queue. Pure."""

from metarr_contracts import subjects
from metarr_contracts.readmodels import Job
from metarr_contracts.websocket import EnrichmentProgress

ENRICH_PREFIX = subjects.ENRICH_COMMANDS.removesuffix("*")


def movie_of(subject: str) -> int | None:
    """The film of an enrich command; None for other commands."""
    token = subject.removeprefix(ENRICH_PREFIX)
    return int(token) if subject.startswith(ENRICH_PREFIX) and token.isdecimal() else None


def waiting_job(job_id: int, subject: str, progress: EnrichmentProgress | None) -> Job:
    """The job as queued, or as running where progress of this very job is known."""
    movie_id = movie_of(subject)
    runs = progress is not None and progress.job_id == job_id
    return Job(
        job_id=job_id,
        kind="import" if movie_id is None else "enrichment",
        movie_id=movie_id,
        state="running" if runs else "queued",
        progress=progress.progress if progress is not None and runs else 0,
        started_at=None,
        completed_at=None,
    )
