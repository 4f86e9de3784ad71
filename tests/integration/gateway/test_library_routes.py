"""Addresses that change the library: the enricher is asked, its answer becomes a status."""

import json
from typing import Any

import pytest
from tests.integration.gateway.conftest import Gateway

from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.events import ImportedRow
from metarr_contracts.library import Added, Done

ADD = subjects.library("add")


@pytest.mark.parametrize(
    ("row", "status", "expected"),
    [
        (ImportedRow(row=1, result="added", movie_id=5, title="Heat"), 201, {"result": "added", "movieId": 5}),
        (ImportedRow(row=1, result="unchanged", movie_id=5, title="Heat"), 200, {"result": "unchanged", "movieId": 5}),
    ],
)
async def test_a_film_is_added(gateway: Gateway, row: ImportedRow, status: int, expected: dict[str, Any]) -> None:
    """201 for a new film, 200 for one that is there already; `seq` is what to read after."""
    gateway.stand_in.on(ADD, Added(result=row, seq=44).to_json())
    answer = await gateway.post("/api/movies", json={"title": "Heat", "year": 1995})
    assert answer[0] == status
    assert {**expected, "seq": 44}.items() <= answer[1]["data"].items()
    assert json.loads(gateway.stand_in.asked[0][1])["title"] == "Heat"


async def test_a_film_that_is_two_is_409(gateway: Gateway) -> None:
    """A conflict names the film that is in the way."""
    row = ImportedRow(row=1, result="conflict", movie_id=5, field="tmdbId", reason="tmdbId 603 is another film")
    gateway.stand_in.on(ADD, Added(result=row, seq=44).to_json())
    status, body = await gateway.post("/api/movies", json={"imdbId": "tt0133093", "tmdbId": 603})
    assert (status, body) == (
        409,
        {
            "success": False,
            "error": "tmdbId 603 is another film",
            "code": "id_conflict",
            "field": "tmdbId",
            "movieId": 5,
        },
    )


async def test_a_film_that_is_rejected_is_400(gateway: Gateway) -> None:
    """The enricher's reason and field are what the caller reads."""
    row = ImportedRow(row=1, result="rejected", field="year", reason="year: before film")
    gateway.stand_in.on(ADD, Added(result=row, seq=44).to_json())
    status, body = await gateway.post("/api/movies", json={"title": "Hastings", "year": 1066})
    assert (status, body["code"], body["field"], body["error"]) == (
        400,
        "rejected",
        "year",
        "year: before film",
    )


@pytest.mark.parametrize(
    ("method", "path", "verb", "body", "asked", "result"),
    [
        ("PATCH", "/api/movies/5", "change", {"title": "Heat", "lock": ["plot"]}, {"lock": ["plot"]}, "changed"),
        ("PATCH", "/api/movies/5", "change", {"fields": {"tagline": None}}, {"fields": {"tagline": None}}, "changed"),
        ("DELETE", "/api/movies/5", "remove", None, {"movieId": 5}, "removed"),
        ("POST", "/api/movies/5/identify", "identify", {"tmdbId": 603}, {"tmdbId": 603}, "identified"),
    ],
)
async def test_a_film_is_written(
    gateway: Gateway, method: str, path: str, verb: str, body: Any, asked: dict[str, Any], result: str
) -> None:
    """The verb reaches the enricher with the film's id; the answer says what was done and what to read after."""
    gateway.stand_in.on(subjects.library(verb), Done(movie_id=5, seq=9).to_json())
    answer = await gateway.ask(method, path, json=body)
    assert answer == (200, {"success": True, "data": {"movieId": 5, "result": result, "seq": 9}})
    assert {**asked, "movieId": 5}.items() <= json.loads(gateway.stand_in.asked[0][1]).items()


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/api/movies", {"titel": "Heat"}, "titel"),
        ("POST", "/api/movies", {"title": 5}, "title"),
        ("PATCH", "/api/movies/5", {"year": "1995"}, "year"),
        ("PATCH", "/api/movies/5", {"title": ""}, "title"),
        ("PATCH", "/api/movies/5", {"movieId": 6}, "movieId"),
        ("PATCH", "/api/movies/05", {}, "id"),
        ("POST", "/api/movies/5/identify", {"tmdbId": "603"}, "tmdbId"),
        ("POST", "/api/movies/5/identify", {"tmdbId": 99_999_999_999}, "tmdbId"),
        ("DELETE", "/api/movies/x", None, "id"),
        ("DELETE", "/api/movies/5?force=1", None, "force"),
    ],
)
async def test_a_wrong_body_is_named(gateway: Gateway, method: str, path: str, body: Any, field: str) -> None:
    """400 names the field; the enricher is not asked."""
    status, answer = await gateway.ask(method, path, json=body)
    assert (status, answer["field"]) == (400, field)
    assert gateway.stand_in.asked == []


async def test_a_refusal_of_the_enricher_is_passed_on(gateway: Gateway) -> None:
    """Status, sentence, code, field and the film in the way are the enricher's."""
    refusal = RefusedError(409, "Film 8 has this id", "id_conflict", "tmdbId", movie_id=8)
    gateway.stand_in.on(subjects.library("identify"), refusal)
    status, body = await gateway.post("/api/movies/5/identify", json={"tmdbId": 603})
    assert (status, body["error"], body["code"], body["field"], body["movieId"]) == (
        409,
        "Film 8 has this id",
        "id_conflict",
        "tmdbId",
        8,
    )
