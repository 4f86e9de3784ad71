"""Responses for the parsers: made up ones, and recorded ones where they are at hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metarr_enricher.providers.exchange import Response

RECORDED = Path(__file__).parents[4] / ".." / "shared" / "data"


@pytest.fixture
def reply() -> Callable[..., Response]:
    """Makes a response: `reply(200, {...})`, `reply(503, b"<html>")`, `reply(429, b"", {"retry-after": "3"})`."""

    def make(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
        return Response(status, headers or {}, body if isinstance(body, bytes) else json.dumps(body).encode())

    return make


@pytest.fixture
def recorded() -> Callable[..., Response]:
    """Makes a response of a recorded body: `recorded("omdb/episode.json")`."""

    def make(name: str, status: int = 200) -> Response:
        file = RECORDED / name
        if not file.exists():
            pytest.skip("the recorded answers are not on this machine")
        return Response(status, {}, file.read_bytes())

    return make
