"""Live notes on a run over the whole library."""

from metarr_contracts.bulk import RunMovie
from metarr_contracts.readmodels import LiveRunStats, RunStats
from metarr_contracts.websocket import BulkComplete, BulkProgress, BulkRateLimit


def run_progress(job_id: int = 901, seq: int = 10) -> BulkProgress:
    """A run goes on."""
    return BulkProgress(
        job_id=job_id,
        seq=seq,
        progress=42,
        processed_movies=640,
        total_movies=1523,
        current_movie=RunMovie(id=641, title="The Dark Knight"),
        rate_limited_providers=(),
        stats=LiveRunStats(total_movies=1523, processed=517, skipped=122, failed=1, remaining=883),
    )


def run_limited(job_id: int = 901, seq: int = 20) -> BulkRateLimit:
    """A quota is used up."""
    return BulkRateLimit(
        job_id=job_id,
        seq=seq,
        provider="omdb",
        processed_movies=640,
        total_movies=1523,
        message="OMDB rate limit reached - stopping bulk enrichment",
    )


def run_complete(job_id: int = 901, seq: int = 30) -> BulkComplete:
    """A run ended."""
    return BulkComplete(
        job_id=job_id,
        seq=seq,
        status="partial",
        stats=RunStats(total_movies=1523, processed=517, skipped=1005, failed=1),
        rate_limit_hit=True,
        rate_limited_providers=("omdb",),
    )
