"""What is told to WebSocket clients and to METARR_DEAD about events whose rows are committed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast

from metarr_chassis.message_headers import passed_on
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
    tell = NOTES.get(type(recorded.body))
    return tell(recorded.seq, recorded.body) if tell else None


def _enriched(seq: int, event: events.MovieEnriched) -> Note:
    return EnrichmentComplete(
        movie_id=event.movie_id,
        job_id=event.job_id,
        seq=seq,
        completeness=event.completeness.after,
        partial=event.partial,
        rate_limited_providers=limited(event.providers),
        fresh_since=fresh_since(event.providers),
    )


def _failed(seq: int, event: events.EnrichmentFailed) -> Note | None:
    if event.code == "incomplete" and event.run_id is not None:
        # The run has put the film off; nothing of it has changed that somebody could look at.
        return None
    return _of_failure(seq, event.movie_id, event.job_id, event.error, event.code)


def _cancelled(seq: int, event: events.EnrichmentCancelled) -> Note:
    return _of_failure(seq, event.movie_id, event.job_id, "Enrichment cancelled", "cancelled")


def _rejected(seq: int, event: events.CommandRejected) -> Note | None:
    if event.movie_id is not None and event.code != "already_ran":
        return _of_failure(seq, event.movie_id, event.job_id, event.error, event.code)
    if event.kind != "bulk":
        return None
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


def _of_failure(seq: int, movie_id: int, job_id: int, error: str, code: FailureCode) -> EnrichmentFailedNote:
    return EnrichmentFailedNote(movie_id=movie_id, job_id=job_id, seq=seq, error=error, code=code)


def _progressed(seq: int, event: bulk.BulkProgressed) -> BulkNote:
    return _progress(seq, event).model_copy(update={"waiting": event.waiting, "waiting_until": event.waiting_until})


def _limited(seq: int, event: bulk.BulkLimited) -> BulkNote:
    return BulkRateLimit(
        job_id=event.job_id,
        seq=seq,
        provider=event.provider,
        processed_movies=event.counts.settled,
        total_movies=event.counts.total,
        message=event.message,
        until=event.until,
    )


def _ended(seq: int, event: bulk.BulkEnded) -> BulkNote:
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


NOTES: Mapping[type[Value], Callable[[int, Any], Note | None]] = {
    events.MovieEnriched: _enriched,
    events.EnrichmentFailed: _failed,
    events.EnrichmentCancelled: _cancelled,
    events.CommandRejected: _rejected,
    bulk.BulkStarted: _progress,
    bulk.BulkProgressed: _progressed,
    bulk.BulkLimited: _limited,
    bulk.BulkEnded: _ended,
}
"""What is told of which events. Of most it is nothing; to ask each of these classes takes ten times as long."""
PROGRESS = frozenset({bulk.BulkStarted, bulk.BulkProgressed})


def subject_of(frame: Note) -> str:
    """Where the frame is sent."""
    if isinstance(frame, BulkProgress | BulkRateLimit | BulkComplete):
        return subjects.LIVE_BULK
    return subjects.live_movie(frame.movie_id)


def superseded(items: Sequence[Item]) -> frozenset[int]:
    """Sequences of progress that a later one of the same run makes old news: after an outage there are hundreds."""
    old, seen = set(), set()
    for item in reversed(items):
        if isinstance(item, Recorded) and type(item.body) in PROGRESS:
            job_id = cast("bulk.BulkEvent", item.body).job_id
            if job_id in seen:
                old.add(item.seq)
            seen.add(job_id)
    return frozenset(old)


def dead_letter_headers(stream: str, dead: Undecodable) -> dict[str, str]:
    """Headers of the dead letter: those of the message, why, and an id by which the server knows a repeated one."""
    return {
        **passed_on(dead.message.headers),
        MESSAGE_ID: f"dead/{EVENTS}/{dead.seq}/{stream}",
        "metarr-reason": " ".join(dead.reason.split())[:MAX_REASON],
        "metarr-origin": dead.message.subject,
        "metarr-origin-seq": str(dead.seq),
    }
