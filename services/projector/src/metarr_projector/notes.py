"""What is told to WebSocket clients and to METARR_DEAD about events whose rows are committed."""

from typing import Literal

from metarr_contracts import events
from metarr_contracts.envelope import MESSAGE_ID
from metarr_contracts.movie import fresh_since
from metarr_contracts.streams import EVENTS
from metarr_contracts.websocket import EnrichmentComplete, EnrichmentFailedNote
from metarr_projector.decoding import Recorded, Undecodable
from metarr_projector.staging import limited

FailureCode = Literal["all_providers_failed", "gave_up", "cancelled", "movie_not_found", "invalid_command"]
MAX_REASON = 500
"""Characters of a header."""


def note(recorded: Recorded) -> EnrichmentComplete | EnrichmentFailedNote | None:
    """The frame that ends a refresh for those who watch the film; None for all other events."""
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
        case events.EnrichmentFailed() as event:
            return _failed(recorded.seq, event.movie_id, event.job_id, event.error, event.code)
        case events.EnrichmentCancelled() as event:
            return _failed(recorded.seq, event.movie_id, event.job_id, "Enrichment cancelled", "cancelled")
        case events.CommandRejected(movie_id=int(movie_id)) as event:
            return _failed(recorded.seq, movie_id, event.job_id, event.error, event.code)
        case _:
            return None


def _failed(seq: int, movie_id: int, job_id: int, error: str, code: FailureCode) -> EnrichmentFailedNote:
    return EnrichmentFailedNote(movie_id=movie_id, job_id=job_id, seq=seq, error=error, code=code)


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
