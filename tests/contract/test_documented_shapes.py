"""The bodies that the product document shows: our samples have every documented name with the same type."""

import json
from pathlib import Path
from typing import Any

import pytest

from metarr_contracts import http, readmodels, websocket
from metarr_contracts.base import Value

SAMPLES = Path(__file__).parents[2] / "contracts" / "samples"

MISSING_FIELDS = [
    {"field": "rotten_tomatoes_score", "displayName": "Rotten Tomatoes Score", "category": "ratings"},
    {"field": "metacritic_score", "displayName": "Metacritic Score", "category": "ratings"},
    {"field": "awards", "displayName": "Awards", "category": "metadata"},
]
STATS = {
    "total": 1523,
    "enriched": 1200,
    "partiallyEnriched": 250,
    "unenriched": 73,
    "averageCompleteness": 78.5,
    "topIncomplete": [
        {
            "id": 456,
            "title": "The Matrix",
            "year": 1999,
            "completeness": 45,
            "missingFields": ["tagline", "awards", "rotten_tomatoes_score"],
        }
    ],
}
STATUS = {
    "movieId": 123,
    "completeness": 85,
    "lastEnriched": "2025-11-22T10:30:00Z",
    "enrichmentDuration": 2.3,
    "partial": False,
    "rateLimitedProviders": [],
    "missingFields": [
        {"field": "tagline", "displayName": "Tagline", "category": "metadata"},
        {"field": "awards", "displayName": "Awards", "category": "metadata"},
    ],
    "fieldSources": {"plot": "tmdb", "imdb_rating": "omdb", "rotten_tomatoes_score": "omdb", "poster": "fanart"},
}
PARTIAL_STATUS = {
    "movieId": 456,
    "completeness": 65,
    "lastEnriched": "2025-11-22T09:15:00Z",
    "enrichmentDuration": 1.8,
    "partial": True,
    "rateLimitedProviders": ["omdb"],
    "missingFields": MISSING_FIELDS,
    "fieldSources": {"plot": "tmdb", "poster": "fanart"},
}
QUEUED = {"jobId": 789, "message": "Enrichment job queued", "estimatedDuration": 3}
PROGRESS = {
    "type": "enrichment:progress",
    "movieId": 123,
    "progress": 33,
    "currentProvider": "omdb",
    "providersComplete": ["tmdb"],
    "providersRemaining": ["omdb", "fanart"],
}
COMPLETE = {
    "type": "enrichment:complete",
    "movieId": 123,
    "completeness": 92,
    "partial": False,
    "rateLimitedProviders": [],
}
FAILED = {"type": "enrichment:failed", "movieId": 123, "error": "All providers failed"}

LAST_RUN = {
    "startedAt": "2025-11-22T03:00:00Z",
    "completedAt": "2025-11-22T03:45:23Z",
    "status": "completed",
    "stats": {"totalMovies": 1523, "processed": 1200, "skipped": 323, "failed": 0},
    "rateLimitHit": False,
    "rateLimitedProviders": [],
}
BULK_STATUS = {
    "lastRun": LAST_RUN,
    "nextRun": {"scheduledAt": "2025-11-23T03:00:00Z", "timeUntil": 79200},
    "currentRun": None,
}
RUNNING_STATUS = {
    "lastRun": LAST_RUN,
    "nextRun": {"scheduledAt": "2025-11-23T03:00:00Z", "timeUntil": 79200},
    "currentRun": {
        "jobId": 890,
        "startedAt": "2025-11-22T03:00:00Z",
        "progress": 42,
        "processedMovies": 640,
        "totalMovies": 1523,
        "currentMovie": {"id": 641, "title": "The Dark Knight"},
        "rateLimitedProviders": [],
    },
}
LIMITED_STATUS = {
    "lastRun": {
        "startedAt": "2025-11-22T03:00:00Z",
        "completedAt": "2025-11-22T03:15:00Z",
        "status": "partial",
        "stats": {"totalMovies": 1523, "processed": 500, "skipped": 1023, "failed": 0},
        "rateLimitHit": True,
        "rateLimitedProviders": ["omdb"],
    }
}
STARTED = {"jobId": 901, "message": "Bulk enrichment job started", "estimatedDuration": 2700}
BULK_PROGRESS = {
    "type": "bulk:progress",
    "jobId": 901,
    "progress": 42,
    "processedMovies": 640,
    "totalMovies": 1523,
    "currentMovie": {"id": 641, "title": "The Dark Knight"},
    "rateLimitedProviders": [],
}
BULK_RATE_LIMIT = {
    "type": "bulk:rate_limit",
    "jobId": 901,
    "provider": "omdb",
    "processedMovies": 500,
    "totalMovies": 1523,
    "message": "OMDB rate limit reached - stopping bulk enrichment",
}
BULK_COMPLETE = {
    "type": "bulk:complete",
    "jobId": 901,
    "stats": {"totalMovies": 1523, "processed": 1200, "skipped": 323, "failed": 0},
    "rateLimitHit": False,
}

DOCUMENTED: list[tuple[type[Value], dict[str, Any]]] = [
    (readmodels.LibraryStats, STATS),
    (readmodels.MovieStatus, STATUS),
    (readmodels.MovieStatus, PARTIAL_STATUS),
    (http.EnrichRequest, {"force": False}),
    (http.JobQueued, QUEUED),
    (readmodels.BulkStatus, BULK_STATUS),
    (readmodels.BulkStatus, RUNNING_STATUS),
    (readmodels.BulkStatus, LIMITED_STATUS),
    (http.BulkRunRequest, {"force": False}),
    (http.JobQueued, STARTED),
    (websocket.Subscribe, {"type": "subscribe", "channel": "movie:enrichment", "movieId": 123}),
    (websocket.EnrichmentProgress, PROGRESS),
    (websocket.EnrichmentComplete, COMPLETE),
    (websocket.EnrichmentFailedNote, FAILED),
    (websocket.BulkProgress, BULK_PROGRESS),
    (websocket.BulkRateLimit, BULK_RATE_LIMIT),
    (websocket.BulkComplete, BULK_COMPLETE),
]
EXAMPLES = pytest.mark.parametrize(
    ("model", "documented"), DOCUMENTED, ids=lambda given: getattr(given, "__name__", "")
)


def sample(model: type[Value]) -> dict[str, Any]:
    """The committed sample of the model."""
    name = f"{model.__module__.removeprefix('metarr_contracts.')}.{model.__name__}"
    read: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_bytes())
    return read


def overlay(ours: Any, documented: Any) -> Any:
    """The documented example, with what we say beyond it."""
    if isinstance(ours, dict) and isinstance(documented, dict):
        return {**ours, **{key: overlay(ours.get(key), value) for key, value in documented.items()}}
    if isinstance(ours, list) and isinstance(documented, list) and ours:
        return [overlay(ours[0], item) for item in documented]
    return documented


def differences(ours: Any, documented: Any, place: str = "") -> list[str]:
    """Documented names that are absent, and values of another JSON type; a documented null says nothing of the type."""
    if documented is None:
        return []
    if not same_type(ours, documented):
        return [place]
    if isinstance(documented, dict):
        named = [(f"{place}.{key}", key) for key in documented]
        absent = [where for where, key in named if key not in ours]
        inner = [differences(ours[key], documented[key], where) for where, key in named if key in ours]
        return [*absent, *(gap for gaps in inner for gap in gaps)]
    if isinstance(documented, list) and documented and ours:
        return differences(ours[0], documented[0], f"{place}[0]")
    return []


def same_type(one: Any, other: Any) -> bool:
    """Integers and decimals are both JSON numbers; a truth value is none."""
    if isinstance(one, bool) or isinstance(other, bool):
        return isinstance(one, bool) and isinstance(other, bool)
    return (isinstance(one, int | float) and isinstance(other, int | float)) or type(one) is type(other)


@EXAMPLES
def test_documented_names_and_types_are_there(model: type[Value], documented: dict[str, Any]) -> None:
    """Existing clients find every documented name, with a value of the documented type."""
    source_keys = {"fieldSources"} if model is readmodels.MovieStatus else set()  # its names are fields of a film
    shown = {key: value for key, value in documented.items() if key not in source_keys}

    assert differences(sample(model), shown) == []


@EXAMPLES
def test_documented_examples_are_valid(model: type[Value], documented: dict[str, Any]) -> None:
    """The document's own example, with the fields that we add, is read and written as it stands."""
    whole = overlay(sample(model), documented)

    written = json.loads(model.model_validate_json(json.dumps(whole)).to_json())

    assert {**written, **whole} == written


def test_success_and_failure_envelopes() -> None:
    """Answers are `{"success": true, "data": …}`, failures `{"success": false, "error": "<text>"}`."""
    answer = http.Success[http.JobQueued](data=http.JobQueued.model_validate(QUEUED))
    failure = json.loads(http.Failure(error="Movie not found", code="movie_not_found").to_json())

    assert json.loads(answer.to_json()) == {"success": True, "data": QUEUED}
    assert (failure["success"], failure["error"]) == (False, "Movie not found")


@pytest.mark.parametrize("channel", ["movie:enrichment", "bulk:enrichment"])
def test_documented_subscriptions_are_understood(channel: str) -> None:
    """Both documented channels can be subscribed; without `movieId` all films are meant."""
    frame = websocket.CLIENT_FRAME.validate_json(json.dumps({"type": "subscribe", "channel": channel}))

    assert frame == websocket.Subscribe(type="subscribe", channel=channel, movie_id=None)
