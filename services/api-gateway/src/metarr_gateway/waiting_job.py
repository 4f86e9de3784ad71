"""What is said of a job that the read models do not know yet: its command still stands in the queue. Pure."""

from typing import Literal

from metarr_contracts import subjects
from metarr_contracts.identifiers import parse_movie_id
from metarr_contracts.readmodels import Job
from metarr_gateway.topics import RUNS, Progress, Topic, film

ENRICH_PREFIX = subjects.ENRICH_COMMANDS.removesuffix("*")


def movie_of(subject: str) -> int | None:
    """The film of an enrich command; None for other commands, and where an operator wrote no film id."""
    return parse_movie_id(subject.removeprefix(ENRICH_PREFIX)) if subject.startswith(ENRICH_PREFIX) else None


def topic_of(subject: str) -> Topic | None:
    """What live messages on the command's job are about; None where there are none."""
    if subject == subjects.BULK_RUN:
        return RUNS
    movie_id = movie_of(subject)
    return None if movie_id is None else film(movie_id)


def waiting_job(job_id: int, subject: str, progress: Progress | None) -> Job:
    """The job as queued, or as running where progress of this very job is known."""
    runs = progress is not None and progress.job_id == job_id
    return Job(
        job_id=job_id,
        kind=_kind(subject),
        movie_id=movie_of(subject),
        state="running" if runs else "queued",
        progress=progress.progress if progress is not None and runs else 0,
        started_at=None,
        completed_at=None,
    )


def _kind(subject: str) -> Literal["enrichment", "bulk", "import"]:
    if subject == subjects.BULK_RUN:
        return "bulk"
    return "enrichment" if subject.startswith(ENRICH_PREFIX) else "import"
