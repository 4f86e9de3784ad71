"""What is said after a commit."""

from datetime import UTC, datetime
from typing import Literal

import pytest
from tests.unit.metarr_projector import run_events

from metarr_contracts import events
from metarr_contracts.base import Value
from metarr_contracts.bulk import RunMovie
from metarr_contracts.movie import Completeness, ExternalIds, ProviderOutcome
from metarr_contracts.readmodels import LiveRunStats, RunStats
from metarr_contracts.websocket import (
    BulkComplete,
    BulkProgress,
    BulkRateLimit,
    EnrichmentComplete,
    EnrichmentFailedNote,
)
from metarr_projector.decoding import Item, Received, Recorded, Undecodable
from metarr_projector.notes import dead_letter_headers, note, subject_of, superseded

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
        (
            events.EnrichmentFailed(**END, code="incomplete", error="Incomplete", providers=(), missing=()),
            "Incomplete",
            "incomplete",
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
        events.EnrichmentFailed(**END, run_id=4, code="incomplete", error="Incomplete", providers=(), missing=()),
        events.MovieRemoved(movie_id=1, ids=ExternalIds(), completeness=0),
        run_events.planned(),
        run_events.cancel(),
    ],
)
def test_other_events_are_silent(event: Value) -> None:
    """What nobody watches is no note; nor is a film that a run puts off."""
    assert _note(event) is None


def test_start_of_a_run() -> None:
    """Whoever watches runs sees from the first note on where it is."""
    assert _note(run_events.started()) == BulkProgress(
        job_id=901,
        seq=7,
        progress=0,
        processed_movies=0,
        total_movies=10,
        current_movie=RunMovie(id=1, title="Ran"),
        rate_limited_providers=(),
        stats=LiveRunStats(total_movies=10, processed=0, skipped=0, failed=0, remaining=10),
    )


def test_progress_of_a_run() -> None:
    """All films that were looked at count as progress; limited is whose quota was used up."""
    limited = run_events.OMDB.model_copy(update={"limited_at": NOW})
    event = run_events.progressed(
        providers=(run_events.TMDB, limited), waiting="All providers are down", waiting_until=NOW
    )
    assert _note(event) == BulkProgress(
        job_id=901,
        seq=7,
        progress=70,
        processed_movies=7,
        total_movies=10,
        current_movie=RunMovie(id=8, title="Alien"),
        rate_limited_providers=("omdb",),
        stats=LiveRunStats(total_movies=10, processed=4, skipped=2, failed=1, remaining=3),
        waiting="All providers are down",
        waiting_until=NOW,
    )


def test_quota_used_up_in_a_run() -> None:
    """The provider, how far the run was, and the sentence for a person."""
    event = run_events.limited()
    assert _note(event) == BulkRateLimit(
        job_id=901,
        seq=7,
        provider="omdb",
        processed_movies=7,
        total_movies=10,
        message="OMDB rate limit reached - stopping bulk enrichment",
        until=event.until,
    )


def test_end_of_a_run() -> None:
    """How it ended, and what became of the films."""
    limited = run_events.OMDB.model_copy(update={"limited_at": NOW})
    event = run_events.ended(status="partial", providers=(run_events.TMDB, limited))
    assert _note(event) == BulkComplete(
        job_id=901,
        seq=7,
        status="partial",
        stats=RunStats(total_movies=10, processed=6, skipped=3, failed=1),
        rate_limit_hit=True,
        rate_limited_providers=("omdb",),
    )


@pytest.mark.parametrize("code", ["already_ran", "invalid_command", "gave_up"])
def test_refused_run(code: Literal["already_ran", "invalid_command", "gave_up"]) -> None:
    """Who waits for a queued run hears that it failed and why, though it never began."""
    rejected = events.CommandRejected(job_id=9, kind="bulk", movie_id=None, code=code, error="Ran already")
    frame = _note(rejected)
    assert frame == BulkComplete(
        job_id=9,
        seq=7,
        status="failed",
        stats=RunStats(total_movies=0, processed=0, skipped=0, failed=0),
        rate_limit_hit=False,
        rate_limited_providers=(),
        error="Ran already",
    )
    assert subject_of(frame) == "metarr.live.bulk"


def test_subjects_of_notes() -> None:
    """Notes on a film go to those who watch it, notes on runs to those who watch runs."""
    about_film, about_run = _note(events.EnrichmentCancelled(**END)), _note(run_events.limited())
    assert isinstance(about_film, EnrichmentFailedNote)
    assert isinstance(about_run, BulkRateLimit)
    assert (subject_of(about_film), subject_of(about_run)) == ("metarr.live.movie.1", "metarr.live.bulk")


def test_only_the_last_progress_of_a_batch() -> None:
    """Progress that is old news when it is told is left out, run by run; limits and ends are not."""
    told = (
        run_events.started(),
        run_events.progressed(),
        run_events.limited(),
        run_events.progressed(),
        run_events.ended(),
        run_events.started(902),
        run_events.limited(902),
    )
    items: list[Item] = [
        Recorded(Received(seq, "metarr.evt.bulk", {}, b""), "id", NOW, event) for seq, event in enumerate(told, 1)
    ]
    items.append(Undecodable(Received(8, "metarr.evt.bulk", {}, b"?"), "no JSON"))
    assert superseded(items) == {1, 2}


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
