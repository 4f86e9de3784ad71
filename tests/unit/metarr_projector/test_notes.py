"""What is said after a commit."""

from datetime import UTC, datetime

import pytest

from metarr_contracts import events
from metarr_contracts.base import Value
from metarr_contracts.movie import Completeness, ExternalIds, ProviderOutcome
from metarr_contracts.websocket import EnrichmentComplete, EnrichmentFailedNote
from metarr_projector.decoding import Received, Recorded, Undecodable
from metarr_projector.notes import dead_letter_headers, note

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
END = {"movie_id": 1, "job_id": 9, "started_at": NOW, "completed_at": NOW}


def _note(event: Value) -> Value | None:
    return note(Recorded(Received(7, "metarr.evt.movie.1", {}, b""), "id", NOW, event))


def test_enriched_film() -> None:
    """A refresh that ended says how complete the film is and whose limit was hit, in their usual order."""
    event = events.MovieEnriched(
        **END,
        partial=True,
        changed={},
        providers=(
            ProviderOutcome(name="fanart", outcome="throttled"),
            ProviderOutcome(name="omdb", outcome="quota_exhausted"),
            ProviderOutcome(name="tmdb", outcome="unavailable"),
        ),
        completeness=Completeness(before=0, after=65),
        missing=(),
    )
    assert _note(event) == EnrichmentComplete(
        movie_id=1, job_id=9, seq=7, completeness=65, partial=True, rate_limited_providers=("omdb", "fanart")
    )


@pytest.mark.parametrize(
    ("event", "error", "code"),
    [
        (
            events.EnrichmentFailed(**END, code="gave_up", error="Gave up", providers=(), missing=()),
            "Gave up",
            "gave_up",
        ),
        (events.EnrichmentCancelled(**END), "Enrichment cancelled", "cancelled"),
        (
            events.CommandRejected(
                job_id=9, kind="enrichment", movie_id=1, code="movie_not_found", error="Movie not found"
            ),
            "Movie not found",
            "movie_not_found",
        ),
    ],
)
def test_refresh_without_result(event: Value, error: str, code: str) -> None:
    """Whoever watches the film hears why nothing came of it."""
    assert _note(event) == EnrichmentFailedNote.model_validate(
        {"movie_id": 1, "job_id": 9, "seq": 7, "error": error, "code": code}
    )


@pytest.mark.parametrize(
    "event",
    [
        events.CommandRejected(job_id=9, kind="import", movie_id=None, code="invalid_command", error="No JSON"),
        events.MovieRemoved(movie_id=1, ids=ExternalIds(), completeness=0),
    ],
)
def test_other_events_are_silent(event: Value) -> None:
    """Only the end of a film's refresh is a note."""
    assert _note(event) is None


def test_dead_letter_says_where_it_came_from() -> None:
    """A dead letter has its own id, so that it is stored once, and no header that the server would act on."""
    message = Received(7, "metarr.evt.movie.1", {"ce-id": "a", "Nats-Msg-Id": "a", "Nats-Rollup": "all"}, b"?")
    assert dead_letter_headers("2026", Undecodable(message, "no\nJSON")) == {
        "ce-id": "a",
        "Nats-Msg-Id": "dead/METARR_EVENTS/7/2026",
        "metarr-reason": "no JSON",
        "metarr-origin": "metarr.evt.movie.1",
        "metarr-origin-seq": "7",
    }
