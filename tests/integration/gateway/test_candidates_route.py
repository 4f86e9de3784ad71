"""A search for candidates: what is wrong is named, the enricher is asked, its answer becomes a status."""

import json
from typing import Any

import pytest
from tests.integration.gateway.conftest import Gateway

from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.library import Found
from metarr_contracts.movie import Candidate

SEARCH = subjects.library("search")
FOUND = Found(
    candidates=(Candidate(tmdb_id=603, title="The Matrix", year=1999, movie_id=5), Candidate(tmdb_id=1, title="X"))
)


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ({"title": " The Matrix "}, {"title": "The Matrix", "year": None}),
        ({"title": "Amélie & 七人の侍", "year": "2001"}, {"title": "Amélie & 七人の侍", "year": 2001}),
    ],
)
async def test_candidates_are_listed(gateway: Gateway, query: dict[str, str], asked: dict[str, Any]) -> None:
    """As the enricher lists them."""
    gateway.stand_in.on(SEARCH, FOUND.to_json())
    answer = await gateway.get("/api/candidates", params=query)
    assert answer == (200, {"success": True, "data": json.loads(FOUND.to_json())})
    assert [json.loads(payload) for _, payload in gateway.stand_in.asked] == [asked]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "title"),
        ("?title=", "title"),
        ("?title=%20", "title"),
        ("?title=" + "x" * 201, "title"),
        ("?title=a&title=b", "title"),
        ("?title=a&year=", "year"),
        ("?title=a&year=MMI", "year"),
        ("?title=a&year=1869", "year"),
        ("?title=a&year=2201", "year"),
        ("?title=a&page=2", "page"),
        ("?title=a&after=2", "after"),
    ],
)
async def test_what_is_wrong_is_named(gateway: Gateway, query: str, field: str) -> None:
    """400; nobody is asked."""
    status, body = await gateway.get(f"/api/candidates{query}")
    assert (status, body["code"], body["field"]) == (400, "invalid_request", field)
    assert gateway.stand_in.asked == []


@pytest.mark.parametrize(
    "code", ["provider_off", "provider_still_limited", "provider_key_refused", "provider_unavailable"]
)
async def test_tmdb_that_does_not_answer_is_409(gateway: Gateway, code: str) -> None:
    """The code says what is wrong, the enricher's sentence says it for a person."""
    gateway.stand_in.on(SEARCH, RefusedError(409, "TMDB does not answer: HTTP 503", code))
    answer = await gateway.get("/api/candidates?title=Heat")
    assert answer == (409, {"success": False, "error": "TMDB does not answer: HTTP 503", "code": code})
