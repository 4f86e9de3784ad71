"""Makes of the present state of runs the progress message that says the same. Pure."""

from metarr_contracts.readmodels import CurrentRun
from metarr_contracts.websocket import BulkProgress


def progress_of(run: CurrentRun) -> BulkProgress:
    """The message that was sent, or would have been, when the run was like this."""
    return BulkProgress(
        job_id=run.job_id,
        seq=run.seq,
        progress=run.progress,
        processed_movies=run.processed_movies,
        total_movies=run.total_movies,
        current_movie=run.current_movie,
        rate_limited_providers=run.rate_limited_providers,
        stats=run.stats,
        waiting=run.waiting,
        waiting_until=run.waiting_until,
    )
