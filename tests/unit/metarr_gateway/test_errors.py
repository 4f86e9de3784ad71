"""The table of failures."""

import json

from metarr_gateway.errors import KINDS, ApiError
from metarr_gateway.middleware import failure_of


def test_the_documented_sentences() -> None:
    """What existing clients read, word for word."""
    said = {code: (kind.status, kind.error) for code, kind in KINDS.items()}
    assert said["movie_not_found"] == (404, "Movie not found")
    assert said["enrichment_in_progress"] == (409, "Enrichment already in progress for this movie")
    assert said["rate_limited"] == (429, "Too many manual enrichment requests")
    assert said["bulk_already_running"] == (409, "Bulk enrichment already running")
    assert said["start_failed"] == (500, "Failed to start job")
    assert said["database_error"] == (500, "Database error")
    assert said["queue_unavailable"] == (500, "Failed to queue job")


def test_a_failure_says_only_what_there_is() -> None:
    """`field`, `movieId` and `jobId` are there when they mean something."""
    assert json.loads(ApiError("movie_not_found").body()) == {
        "success": False,
        "error": "Movie not found",
        "code": "movie_not_found",
    }
    assert json.loads(ApiError("id_conflict", field="tmdbId", movie_id=5).body())["movieId"] == 5
    assert json.loads(ApiError("enrichment_in_progress", job_id=7).body())["jobId"] == 7


def test_what_nobody_foresaw_says_nothing_of_itself() -> None:
    """An inner error is never shown."""
    assert json.loads(failure_of(KeyError("secret")).body())["error"] == "Internal error"
