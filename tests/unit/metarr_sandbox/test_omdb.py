"""OMDb's rules: parameters, gaps, errors, agreement with TMDB."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from metarr_sandbox import omdb, tmdb
from metarr_sandbox.library import Library

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIBRARY = Library()


def _get(**query: str) -> Any:
    return json.loads(omdb.ask(LIBRARY, "/", query, NOW).answer().body)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"i": "tt9999999"}, "Error getting data."),
        ({"i": "550"}, "Incorrect IMDb ID."),
        ({"i": "tt0137523000"}, "Incorrect IMDb ID."),
        ({"t": "Road to Nowhere"}, "Movie not found!"),
        ({"t": "Road to Nowhere", "type": "series"}, "Series not found!"),
        ({"s": "Road to Nowhere"}, "Movie not found!"),
        ({"s": "it"}, "Too many results."),
        ({"s": "the", "page": "100"}, "Movie not found!"),
        ({}, "Something went wrong."),
    ],
)
def test_documented_errors(query: dict[str, str], error: str) -> None:
    """Errors come with HTTP 200 and the documented sentence."""
    answer = omdb.ask(LIBRARY, "/", query, NOW).answer()
    assert (answer.status, json.loads(answer.body)) == (200, {"Response": "False", "Error": error})


def test_missing_and_wrong_keys_are_told_apart() -> None:
    """Both are 401; only the sentence differs, also from the limit's."""
    missing, wrong = omdb.key_refused({}, {}, "k"), omdb.key_refused({"apikey": "x"}, {}, "k")
    assert missing is not None
    assert wrong is not None
    limit = omdb.quota_used_up("status401")
    assert [one.status for one in (missing, wrong, limit)] == [401, 401, 401]
    assert [json.loads(one.body)["Error"] for one in (missing, wrong, limit)] == [
        "No API key provided.",
        "Invalid API key!",
        "Request limit reached!",
    ]
    assert omdb.quota_used_up("status200").status == 200


def test_the_long_plot_is_longer() -> None:
    """plot=full tells more than the default."""
    assert len(_get(i="tt0133093", plot="full")["Plot"]) > len(_get(i="tt0133093")["Plot"])


def test_title_and_year() -> None:
    """T with y chooses among films of one title."""
    assert _get(t="Dune", y="1984")["imdbID"] == "tt0087182"
    assert _get(t="Dune", y="2021")["imdbID"] == "tt1160419"


def test_search_pages_hold_ten() -> None:
    """TotalResults counts all pages, as a string."""
    first, second = _get(s="the"), _get(s="the", page="2")
    assert len(first["Search"]) == 10
    assert int(first["totalResults"]) > 20
    assert first["Search"][0] != second["Search"][0]


def test_tmdb_and_omdb_mostly_agree() -> None:
    """Same year, directors and title; release day, running time and scores may differ."""
    days = 0
    for number in range(2000, 2100):
        film = LIBRARY.by_imdb_number(number)
        body = _get(i=f"tt{number:07d}")
        if film is None or body["Response"] == "False" or not film.known_to("tmdb"):
            continue
        details = json.loads(
            tmdb.ask(LIBRARY, f"/movie/{film.tmdb_id}", {"append_to_response": "credits"}, NOW).answer().body
        )
        directors = [one["name"] for one in details["credits"]["crew"] if one["job"] == "Director"]
        assert details["release_date"][:4] == body["Year"]
        assert ", ".join(directors) == body["Director"]
        days += f"{int(details['release_date'][8:]):02d}" != body["Released"][:2]
    assert days > 10


def test_realistic_gaps() -> None:
    """Among many films there is each kind of N/A, and no to three ratings."""
    bodies = [_get(i=f"tt{number:07d}") for number in range(2000, 2400)]
    films = [body for body in bodies if body["Response"] == "True"]
    for key in ("Awards", "Metascore", "Plot", "Poster", "Runtime", "Rated", "Writer", "imdbRating", "BoxOffice"):
        assert {"N/A"} < {film[key] for film in films}, key
    assert {len(film["Ratings"]) for film in films} == {0, 1, 2, 3}


def test_headers() -> None:
    """Content type with a blank, an hour of caching, times of the test clock."""
    headers = omdb.ask(LIBRARY, "/", {"i": "tt0133093"}, NOW).answer().headers
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Cache-Control"] == "public, max-age=3600"
    assert headers["last-modified"] == "Sun, 22 Nov 2026 12:00:00 GMT"
    assert headers["expires"] == "Sun, 22 Nov 2026 13:00:00 GMT"
