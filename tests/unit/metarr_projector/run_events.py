"""Events of runs as they are told in tests; what a test does not care about has a plain value."""

from datetime import timedelta
from typing import Any

from tests.unit.metarr_projector.histories import START
from tests.unit.metarr_projector.run_histories import counts_of

from metarr_contracts import bulk, events

JOB = 901
TMDB, OMDB = bulk.RunProvider(name="tmdb", requests=12), bulk.RunProvider(name="omdb", requests=6)
LIMITED = START + timedelta(minutes=15)
END = START + timedelta(minutes=45)


def started(job_id: int = JOB, **changes: Any) -> bulk.BulkStarted:
    """A run of ten films begins."""
    told = {
        "job_id": job_id,
        "attempt": 1,
        "trigger": "manual",
        "scheduled_for": None,
        "force": False,
        "asked_since": START,
        "started_at": START,
        "cursor": 1,
        "highest": 10,
        "counts": counts_of(10),
        "current": bulk.RunMovie(id=1, title="Ran"),
        "providers": (TMDB, OMDB),
    }
    return bulk.BulkStarted.model_validate({**told, **changes})


def progressed(job_id: int = JOB, **changes: Any) -> bulk.BulkProgressed:
    """It has looked at seven of them."""
    told = {
        "job_id": job_id,
        "attempt": 1,
        "at": LIMITED,
        "cursor": 8,
        "settled_above": (),
        "counts": counts_of(10, 4, 2, 1),
        "current": bulk.RunMovie(id=8, title="Alien"),
        "providers": (TMDB, OMDB),
    }
    return bulk.BulkProgressed.model_validate({**told, **changes})


def limited(job_id: int = JOB, **changes: Any) -> bulk.BulkLimited:
    """OMDb's quota is used up."""
    told = {
        "job_id": job_id,
        "attempt": 1,
        "at": LIMITED,
        "provider": "omdb",
        "until": START + timedelta(hours=21),
        "stops": True,
        "message": "OMDB rate limit reached - stopping bulk enrichment",
        "counts": counts_of(10, 4, 2, 1),
    }
    return bulk.BulkLimited.model_validate({**told, **changes})


def ended(job_id: int = JOB, **changes: Any) -> bulk.BulkEnded:
    """It has looked at all of them."""
    told = {
        "job_id": job_id,
        "attempt": 1,
        "completed_at": END,
        "status": "completed",
        "cursor": 1,
        "counts": counts_of(10, 6, 3, 1),
        "providers": (TMDB, OMDB),
    }
    return bulk.BulkEnded.model_validate({**told, **changes})


def cancel(job_id: int = JOB) -> events.CancelRequested:
    """A person wants it to end."""
    return events.CancelRequested(job_id=job_id)


def planned(**changes: Any) -> events.SchedulePlanned:
    """The next run is due a day later."""
    told = {"scheduled_for": START + timedelta(days=1), "cron": "0 3 * * *", "time_zone": "UTC", "at": START}
    return events.SchedulePlanned.model_validate({**told, **changes})


def skipped(**changes: Any) -> events.ScheduleSkipped:
    """A night was left out, since a run was going."""
    told = {**planned().model_dump(), "due": START, "at": START + timedelta(seconds=1), "job_id": JOB}
    return events.ScheduleSkipped.model_validate({**told, **changes})


def missed(**changes: Any) -> events.ScheduleMissed:
    """A night was left out, since nobody was there."""
    told = {**planned().model_dump(), "due": START, "at": START + timedelta(hours=9)}
    return events.ScheduleMissed.model_validate({**told, **changes})


def failed_movie(movie_id: int, error: str = "TMDB failed") -> bulk.FailedMovie:
    """A film that the run could not complete."""
    return bulk.FailedMovie(movie_id=movie_id, title=f"Film {movie_id}", error=error)
