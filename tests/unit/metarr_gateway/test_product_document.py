"""The product document's examples: every documented name is in our answers, with the same type."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from metarr_contracts.base import Value
from metarr_contracts.http import BulkRunRequest, EnrichRequest, JobQueued, Success
from metarr_contracts.readmodels import BulkStatus, LibraryStats, MovieStatus
from metarr_contracts.websocket import BULK_NOTE, CLIENT_FRAME, MOVIE_NOTE
from metarr_gateway import examples
from metarr_gateway.frames import parse_frame

SPEC = Path(__file__).parents[3] / ".." / "shared" / "spec" / "ui-and-api-design.md"
COMMENT = re.compile(r"\s//.*")
LEFT_OUT = re.compile(r",\s*\.\.\.")
OBJECT = re.compile(r"^\{$.*?^\}$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(not SPEC.exists(), reason="the product document is not here")


def documented(heading: str) -> list[Any]:
    """The JSON objects of a section, without comments."""
    section = SPEC.read_text("utf-8").split(f"### {heading}")[1].split("\n---\n")[0]
    whole = LEFT_OUT.sub("", COMMENT.sub("", section)).replace("{ ... }", "{}")
    return [json.loads(found) for found in OBJECT.findall(whole)]


def missing(expected: Any, actual: Any, path: str = "") -> list[str]:
    """Documented names that an answer lacks, or whose type is another."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        absent = [f"{path}.{name}" for name in expected.keys() - actual.keys()]
        both = expected.keys() & actual.keys()
        return [*absent, *(found for name in both for found in missing(expected[name], actual[name], f"{path}.{name}"))]
    if expected is None:
        return []  # says that there may be nothing, not of which type it else is
    if isinstance(expected, list) and isinstance(actual, list):
        return missing(expected[0], actual[0], f"{path}[0]") if expected and actual else []
    return [] if kind(expected) is kind(actual) else [path]


def kind(value: Any) -> type:
    """JSON has one kind of number."""
    return float if type(value) is int else type(value)


def answer(model: type[Value], name: str) -> Any:
    """Our own example, as it goes out."""
    body = {"success": True, "data": examples.ANSWERS[name]}
    return json.loads(Success[model].model_validate(body).to_json())  # type: ignore[valid-type]


def without_map(status: Any) -> Any:
    """The sources of fields are a map: its names are data."""
    return {**status, "data": {**status["data"], "fieldSources": {}}}


def test_stats() -> None:
    """Endpoint 1: the documented body is one of ours."""
    (body,) = documented("1. Library Completeness Statistics")
    assert Success[LibraryStats].model_validate(body).data.average_completeness == 78.5
    assert missing(body, answer(LibraryStats, "library_stats")) == []


def test_status() -> None:
    """Endpoint 2: the documented names and types, complete and partial; ours has more."""
    bodies = documented("2. Movie Enrichment Status")
    assert len(bodies) == 2
    for body in bodies:
        assert missing(without_map(body), answer(MovieStatus, "movie_status")) == []
        sources = MovieStatus.model_validate(examples.ANSWERS["movie_status"]).field_sources
        assert all(isinstance(source, str) for source in sources.values())


def test_enrich() -> None:
    """Endpoint 3: the request is understood, the answer is the documented one."""
    request, body = documented("3. Trigger Manual Enrichment")
    assert EnrichRequest.model_validate_json(json.dumps(request), strict=True) == EnrichRequest(force=False)
    assert answer(JobQueued, "enrich_movie") == body


def test_bulk_status() -> None:
    """Endpoint 4: the documented names and types: at rest, while a run goes on, after one that a quota stopped."""
    bodies = documented("4. Bulk Enrichment Status")
    assert len(bodies) == 3
    for body in bodies:
        assert missing(body, answer(BulkStatus, "bulk_status")) == []


def test_bulk_run() -> None:
    """Endpoint 5: the request is understood, the answer is the documented one."""
    request, body = documented("5. Trigger Manual Bulk Enrichment")
    assert BulkRunRequest.model_validate_json(json.dumps(request), strict=True) == BulkRunRequest(force=False)
    assert answer(JobQueued, "run_bulk") == body


def test_frames() -> None:
    """Endpoint 6: clients' frames are understood; notes have the documented names and types, and more."""
    live = {"totalMovies": 1523, "processed": 640, "skipped": 0, "failed": 0, "remaining": 883}
    frames = documented("6. WebSocket Events for Real-Time Updates")
    extra: dict[str, dict[str, Any]] = {
        "enrichment:progress": {"jobId": 7},
        "enrichment:complete": {"jobId": 7, "seq": 9},
        "enrichment:failed": {"jobId": 7, "seq": 9, "code": "all_providers_failed"},
        "bulk:progress": {"seq": 9, "stats": live},
        "bulk:rate_limit": {"seq": 9},
        "bulk:complete": {"seq": 9, "status": "completed", "rateLimitedProviders": []},
    }
    seen = set()
    for frame in frames:
        seen.add(frame["type"])
        if frame["type"] == "subscribe":
            assert parse_frame(json.dumps(frame)) == CLIENT_FRAME.validate_python(frame)
        else:
            notes = BULK_NOTE if frame["type"].startswith("bulk:") else MOVIE_NOTE
            note = notes.validate_python({**frame, **extra[frame["type"]]})
            assert missing(frame, json.loads(note.to_json())) == []
    assert seen == {"subscribe", *extra}
