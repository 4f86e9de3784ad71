"""TMDB's list of changed films: what is asked, and what an answer means."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from metarr_enricher.providers import tmdb_changes
from metarr_enricher.providers.exchange import Response
from metarr_enricher.providers.outcomes import ChangesPage, Throttled, Unauthorized, Unavailable, Unexpected

Reply = Callable[..., Response]


def test_one_day_is_asked_for() -> None:
    """Through the next one: it is not known whether the last day of a range counts. The key is not shown."""
    request = tmdb_changes.request(date(2026, 11, 21), 3, "token")
    assert str(request) == "GET /movie/changes?start_date=2026-11-21&end_date=2026-11-22&page=3"
    assert request.secret_headers == {"Authorization": "Bearer token"}


def test_the_ids_of_a_page(reply: Reply) -> None:
    """Whatever else it holds; what is no id is left out, and the totals are not believed."""
    body = {
        "results": [{"id": 603, "adult": None}, {"id": 0}, {"id": "x"}, 7, {"id": 603}, {"id": 5}],
        "total_pages": 1,
    }
    assert tmdb_changes.parse(reply(200, body)) == ChangesPage(frozenset({603, 5}))


def test_a_page_after_the_last_one_is_empty(reply: Reply) -> None:
    """There are no further films."""
    assert tmdb_changes.parse(reply(200, {"results": [], "page": 9})) == ChangesPage()


@pytest.mark.parametrize(
    ("status", "body", "meant"),
    [
        (429, b"", Throttled),
        (401, {"status_code": 7, "status_message": "Invalid API key"}, Unauthorized),
        (503, b"<html>", Unavailable),
        (422, {"status_code": 20, "status_message": "Invalid date range"}, Unexpected),
        (404, {"status_code": 34, "status_message": "Not found"}, Unexpected),
        (200, {"page": 1}, Unexpected),
        (200, {"results": {}}, Unexpected),
        (200, [], Unexpected),
    ],
)
def test_no_list_is_not_an_empty_list(reply: Reply, status: int, body: Any, meant: type) -> None:
    """Or films that were changed would pass for unchanged."""
    assert isinstance(tmdb_changes.parse(reply(status, body)), meant)


def test_a_recorded_list(recorded: Callable[..., Response]) -> None:
    """Over two thousand films on one page, which says that there is one film."""
    response = recorded("tmdb/movie_changes_list_2022.json")
    page = tmdb_changes.parse(response)
    assert isinstance(page, ChangesPage)
    assert page.tmdb_ids == {item["id"] for item in json.loads(response.body)["results"]}
    assert len(page.tmdb_ids) > 2000
