"""What is said of a job that the read models do not know yet: its command still stands in the queue. Pure."""

from metarr_contracts import subjects
from metarr_contracts.identifiers import parse_movie_id
from metarr_contracts.readmodels import Job
from metarr_contracts.websocket import EnrichmentProgress

ENRICH_PREFIX = subjects.ENRICH_COMMANDS.removesuffix("*")


def movie_of(subject: str) -> int | None:
    """The film of an enrich command; None for other commands, and where an operator wrote no film id."""
    return parse_movie_id(subject.removeprefix(ENRICH_PREFIX)) if subject.startswith(ENRICH_PREFIX) else None


def waiting_job(job_id: int, subject: str, progress: EnrichmentProgress | None) -> Job:
    """The job as queued, or as running where progress of this very job is known."""
    movie_id = movie_of(subject)
    runs = progress is not None and progress.job_id == job_id
    return Job(
        job_id=job_id,
        kind="enrichment" if subject.startswith(ENRICH_PREFIX) else "import",
        movie_id=movie_id,
        state="running" if runs else "queued",
        progress=progress.progress if progress is not None and runs else 0,
        started_at=None,
        completed_at=None,
    )
