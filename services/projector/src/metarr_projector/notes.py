"""What is told to WebSocket clients and to METARR_DEAD about events whose rows are committed."""

from collections.abc import Sequence
from typing import Literal

from metarr_contracts import bulk, events, subjects
from metarr_contracts.base import Value
from metarr_contracts.envelope import MESSAGE_ID
from metarr_contracts.movie import fresh_since
from metarr_contracts.readmodels import RunStats
from metarr_contracts.streams import EVENTS
from metarr_contracts.websocket import (
    BulkComplete,
    BulkNote,
    BulkProgress,
    BulkRateLimit,
    EnrichmentComplete,
    EnrichmentFailedNote,
)
from metarr_projector import runs
from metarr_projector.decoding import Item, Recorded, Undecodable
from metarr_projector.staging import limited

FailureCode = Literal[
    "all_providers_failed", "gave_up", "incomplete", "cancelled", "movie_not_found", "invalid_command"
]
Note = EnrichmentComplete | EnrichmentFailedNote | BulkNote
MAX_REASON = 500
"""Characters of a header."""


def note(recorded: Recorded) -> Note | None:
    """The frame for those who watch the film or the runs; None where there is nothing to tell."""
    match recorded.body:
        case events.MovieEnriched() as event:
            return EnrichmentComplete(
                movie_id=event.movie_id,
                job_id=event.job_id,
                seq=recorded.seq,
                completeness=event.completeness.after,
                partial=event.partial,
                rate_limited_providers=limited(event.providers),
                fresh_since=fresh_since(event.providers),
            )
        case events.EnrichmentFailed(code="incomplete", run_id=int()):
            # The run has put the film off; nothing of it has changed that somebody could look at.
            return None
        case events.EnrichmentFailed() as event:
            return _failed(recorded.seq, event.movie_id, event.job_id, event.error, event.code)
        case events.EnrichmentCancelled() as event:
            return _failed(recorded.seq, event.movie_id, event.job_id, "Enrichment cancelled", "cancelled")
        case (
            events.CommandRejected(
                movie_id=int(movie_id), code=("movie_not_found" | "invalid_command" | "gave_up") as code
            ) as event
        ):
            return _failed(recorded.seq, movie_id, event.job_id, event.error, code)
        case event:
            return _of_run(recorded.seq, event)


def _failed(seq: int, movie_id: int, job_id: int, error: str, code: FailureCode) -> EnrichmentFailedNote:
    return EnrichmentFailedNote(movie_id=movie_id, job_id=job_id, seq=seq, error=error, code=code)


def _of_run(seq: int, event: Value) -> BulkNote | None:
    match event:
        case bulk.BulkStarted():
            return _progress(seq, event)
        case bulk.BulkProgressed():
            told = _progress(seq, event)
            return told.model_copy(update={"waiting": event.waiting, "waiting_until": event.waiting_until})
        case bulk.BulkLimited():
            return BulkRateLimit(
                job_id=event.job_id,
                seq=seq,
                provider=event.provider,
                processed_movies=event.counts.settled,
                total_movies=event.counts.total,
                message=event.message,
                until=event.until,
            )
        case bulk.BulkEnded():
            hit = runs.limited(event.providers)
            return BulkComplete(
                job_id=event.job_id,
                seq=seq,
                status=event.status,
                stats=runs.stats(event.counts),
                rate_limit_hit=bool(hit),
                rate_limited_providers=hit,
                error=event.error,
            )
        case events.CommandRejected(kind="bulk"):
            # Who saw the run stand in the queue waits for its end, though it never began.
            return BulkComplete(
                job_id=event.job_id,
                seq=seq,
                status="failed",
                stats=RunStats(total_movies=0, processed=0, skipped=0, failed=0),
                rate_limit_hit=False,
                rate_limited_providers=(),
                error=event.error,
            )
        case _:
            return None


def _progress(seq: int, event: bulk.BulkStarted | bulk.BulkProgressed) -> BulkProgress:
    return BulkProgress(
        job_id=event.job_id,
        seq=seq,
        progress=runs.progress(event.counts),
        processed_movies=event.counts.settled,
        total_movies=event.counts.total,
        current_movie=event.current,
        rate_limited_providers=runs.limited(event.providers),
        stats=runs.live_stats(event.counts),
    )


def subject_of(frame: Note) -> str:
    """Where the frame is sent."""
    if isinstance(frame, BulkProgress | BulkRateLimit | BulkComplete):
        return subjects.LIVE_BULK
    return subjects.live_movie(frame.movie_id)


def superseded(items: Sequence[Item]) -> frozenset[int]:
    """Sequences of progress that a later one of the same run makes old news: after an outage there are hundreds."""
    old, seen = set(), set()
    for item in reversed(items):
        if isinstance(item, Recorded) and isinstance(item.body, bulk.BulkStarted | bulk.BulkProgressed):
            if item.body.job_id in seen:
                old.add(item.seq)
            seen.add(item.body.job_id)
    return frozenset(old)


def dead_letter_headers(stream: str, dead: Undecodable) -> dict[str, str]:
    """Headers of the dead letter: those of the message, why, and an id by which the server knows a repeated one."""
    own = {name: value for name, value in dead.message.headers.items() if not name.lower().startswith("nats-")}
    return {
        **own,
        MESSAGE_ID: f"dead/{EVENTS}/{dead.seq}/{stream}",
        "metarr-reason": " ".join(dead.reason.split())[:MAX_REASON],
        "metarr-origin": dead.message.subject,
        "metarr-origin-seq": str(dead.seq),
    }
