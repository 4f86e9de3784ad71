"""Examples of answers and requests; those of the documented endpoints are the product document's own. Pure."""

from collections.abc import Mapping
from typing import Final

from metarr_contracts.base import Json

RULES: Final[Mapping[str, Json]] = {
    "onQuota": "stop",
    "manualReserve": 0,
    "tmdbChanges": True,
    "ageByRelease": True,
    "backOff": True,
    "seq": 0,
}

ANSWERS: Final[Mapping[str, Json]] = {
    "library_stats": {
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
    },
    "movie_status": {
        "movieId": 123,
        "completeness": 85,
        "lastEnriched": "2025-11-22T10:30:00Z",
        "enrichmentDuration": 2.3,
        "partial": False,
        "rateLimitedProviders": [],
        "missingFields": [
            {
                "field": "tagline",
                "displayName": "Tagline",
                "category": "metadata",
                "reason": "not_provided",
                "providers": ["tmdb"],
            }
        ],
        "fieldSources": {"plot": "tmdb", "imdb_rating": "omdb", "rotten_tomatoes_score": "omdb", "poster": "fanart"},
        "providers": [
            {"name": "tmdb", "outcome": "found", "fetchedAt": "2025-11-22T10:30:00Z", "limitedUntil": None},
        ],
        "lastJob": {"jobId": 789, "state": "completed", "completedAt": "2025-11-22T10:30:00Z"},
        "identification": "identified",
    },
    "enrich_movie": {"jobId": 789, "message": "Enrichment job queued", "estimatedDuration": 3},
    "bulk_status": {
        "lastRun": {
            "jobId": 890,
            "trigger": "schedule",
            "force": False,
            "startedAt": "2025-11-22T03:00:00Z",
            "completedAt": "2025-11-22T03:45:23Z",
            "status": "completed",
            "stats": {"totalMovies": 1523, "processed": 1200, "skipped": 323, "failed": 0},
            "remaining": 0,
            "rateLimitHit": False,
            "rateLimitedProviders": [],
            "resumeFrom": None,
            "providers": [{"name": "omdb", "requests": 1200, "found": 1160, "notFound": 40, "failed": 0}],
        },
        "nextRun": {"scheduledAt": "2025-11-23T03:00:00Z", "timeUntil": 79200},
        "currentRun": {
            "jobId": 901,
            "trigger": "manual",
            "force": False,
            "startedAt": "2025-11-22T05:00:00Z",
            "progress": 42,
            "processedMovies": 640,
            "totalMovies": 1523,
            "currentMovie": {"id": 641, "title": "The Dark Knight"},
            "rateLimitedProviders": [],
            "stats": {"totalMovies": 1523, "processed": 517, "skipped": 122, "failed": 1, "remaining": 883},
            "waiting": None,
            "waitingUntil": None,
            "state": "running",
            "elapsed": 1260,
            "estimatedRemaining": 1739,
            "seq": 4800,
        },
        "schedule": {"cron": "0 3 * * *", "timeZone": "UTC"},
        "totalMovies": 1523,
        "estimatedDuration": 2700,
        "forcedDuration": 3427,
    },
    "run_bulk": {"jobId": 901, "message": "Bulk enrichment job started", "estimatedDuration": 2700},
    "resume_provider": {"provider": "omdb", "message": "OMDB answers again", "seq": 4720},
    "get_rules": {**RULES},
    "change_rules": {**RULES, "manualReserve": 10, "seq": 4700},
    "activity_history": {
        "activities": [
            {
                "id": 4711,
                "type": "bulk_enrichment",
                "status": "partial",
                "jobId": 890,
                "trigger": "schedule",
                "force": False,
                "scheduledFor": "2025-11-22T03:00:00Z",
                "startedAt": "2025-11-22T03:00:00Z",
                "completedAt": "2025-11-22T03:15:00Z",
                "duration": 900.0,
                "stats": {"totalMovies": 1523, "processed": 500, "skipped": 1023, "failed": 0},
                "rateLimitHit": True,
                "rateLimitedProviders": ["omdb"],
                "resumeFrom": {"movieId": 501, "position": 501, "title": "Heat"},
                "providers": [
                    {
                        "name": "omdb",
                        "requests": 500,
                        "found": 495,
                        "notFound": 5,
                        "failed": 0,
                        "limitedAt": "2025-11-22T03:15:00Z",
                    }
                ],
            }
        ],
        "total": 12,
        "nextCursor": "4711",
    },
    "movie_history": {
        "movieId": 123,
        "events": [
            {
                "seq": 4712,
                "time": "2025-11-22T10:31:00Z",
                "type": "metarr.movie.removed.v1",
                "correlationId": "4b5c",
                "data": {"movieId": 123, "ids": {"imdb": "tt0133093", "tmdb": 603}, "completeness": 80},
            }
        ],
        "nextBefore": 4712,
    },
    "find_candidates": {
        "candidates": [
            {
                "tmdbId": 603,
                "title": "The Matrix",
                "originalTitle": "The Matrix",
                "year": 1999,
                "poster": "https://image.tmdb.org/t/p/w342/p96dm7sCMn4VYAStA6siNz30G1r.jpg",
                "overview": "Set in the 22nd century, The Matrix tells the story of a computer hacker.",
                "movieId": 123,
            }
        ]
    },
    "get_session": {"required": True, "signedIn": False},
    "sign_in": {"required": True, "signedIn": True},
    "sign_out": {"required": True, "signedIn": False},
    "about": {"version": "0.1.0", "demo": False},
    "cancel_job": {"jobId": 789, "message": "Cancellation requested"},
    "provider_states": {
        "providers": [
            {
                "name": "tmdb",
                "state": "on",
                "since": None,
                "until": None,
                "reason": None,
                "requestsToday": 1210,
                "remaining": None,
            },
            {
                "name": "omdb",
                "state": "paused",
                "since": "2025-11-22T03:15:00Z",
                "until": "2025-11-23T03:00:00Z",
                "reason": "Request limit reached!",
                "requestsToday": 1000,
                "remaining": 0,
            },
        ]
    },
    "get_job": {
        "jobId": 789,
        "kind": "enrichment",
        "movieId": 123,
        "state": "running",
        "progress": 33,
        "startedAt": None,
        "completedAt": None,
    },
    "change_movie": {"movieId": 123, "result": "changed", "seq": 4711},
    "remove_movie": {"movieId": 123, "result": "removed", "seq": 4712},
    "identify_movie": {"movieId": 123, "result": "identified", "seq": 4713},
    "add_movie": {"row": 1, "result": "added", "movieId": 124, "title": "Inception", "seq": 4714},
    "import_movies": {
        "added": 1,
        "unchanged": 0,
        "conflict": 0,
        "rejected": 0,
        "rows": [{"row": 1, "result": "added", "movieId": 124, "title": "Inception"}],
        "ignoredColumns": ["Shelf"],
        "seq": 4714,
    },
}
"""`data` of the answers by route; an import's is the one of status 200."""

BODIES: Final[Mapping[str, Json]] = {
    "sign_in": {"apiKey": "iuR0Ju3Zl2cYBf0vLqk7h1sXoPz9WmTnDeGa4b8C"},
    "enrich_movie": {"force": False},
    "run_bulk": {"force": False},
    "change_rules": {"manualReserve": 10},
    "add_movie": {"title": "Inception", "year": 2010, "imdbId": "tt1375666"},
    "change_movie": {"fields": {"tagline": "Free your mind"}, "lock": ["tagline"]},
    "identify_movie": {"tmdbId": 603},
}

UPLOADS: Final[Mapping[str, str]] = {
    "application/json": '[{"title": "Inception", "year": 2010, "imdbId": "tt1375666"}]',
    "application/x-ndjson": '{"title": "Inception", "year": 2010}\n{"title": "Heat", "year": 1995}\n',
    "text/csv": "title,year,imdbId\nInception,2010,tt1375666\n",
}
