"""OMDb: what is asked, what an answer means, how its texts are read."""

from collections.abc import Callable
from typing import Any

import pytest

from metarr_enricher.providers import omdb, omdb_fields
from metarr_enricher.providers.exchange import Response
from metarr_enricher.providers.outcomes import (
    Found,
    NotFound,
    QuotaExhausted,
    Throttled,
    Unauthorized,
    Unavailable,
    Unexpected,
)

Reply = Callable[..., Response]
LIMIT = {"Response": "False", "Error": "Request limit reached!"}


def refusal(error: str) -> dict[str, str]:
    """The body of OMDb's errors."""
    return {"Response": "False", "Error": error}


def test_request() -> None:
    """A film is asked for by its IMDb id, with the full plot; the key is kept apart."""
    request = omdb.request("tt0133093", "secret")
    assert request.path == "/"
    assert request.query == {"i": "tt0133093", "plot": "full", "r": "json"}
    assert request.secret_query == {"apikey": "secret"}


@pytest.mark.parametrize("status", [200, 401, 403, 429, 500, 503])
def test_the_limit_is_told_by_its_text(reply: Reply, status: int) -> None:
    """The used up quota has the status of a bad key; its text decides under every status."""
    assert omdb.parse(reply(status, LIMIT)) == QuotaExhausted()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, refusal("Invalid API key!"), Unauthorized("OMDb refuses the key: Invalid API key!")),
        (200, refusal("Invalid API key!"), Unauthorized("OMDb refuses the key: Invalid API key!")),
        (401, refusal("Something new"), Unauthorized("OMDb refuses the key: Something new")),
        (401, b"Request limit reached!", QuotaExhausted()),
        (401, b"<html>", Unavailable("OMDb has no answer now (HTTP 401)")),
        (200, refusal("Series not found!"), NotFound()),
        (200, refusal("Something went wrong."), Unavailable("OMDb has no answer now: Something went wrong.")),
        (200, refusal("Something new"), Unexpected("OMDb answered HTTP 200: Something new")),
        (200, {"Response": "False"}, Unexpected("OMDb answered HTTP 200: no reason given")),
        (200, {"Response": "True"}, Unexpected("OMDb answered HTTP 200: no film")),
        (200, [], Unexpected("OMDb answered with something else than an object")),
        (200, {"Response": "False", "Error": "x" * 5_000}, Unexpected(f"OMDb answered HTTP 200: {'x' * 200}")),
        (429, b"error code: 1015", Throttled()),
        (403, b"<html>Cloudflare</html>", Unavailable("OMDb has no answer now (HTTP 403)")),
        (522, b"<html>Cloudflare</html>", Unavailable("OMDb has no answer now (HTTP 522)")),
        (503, b"The service is unavailable.", Unavailable("OMDb has no answer now (HTTP 503)")),
        (500, {"Title": "Heat", "Response": "True"}, Unavailable("OMDb has no answer now (HTTP 500)")),
        (200, b'{"Error":"Conversion from string "011f" to type"}', Unavailable("OMDb has no answer now (HTTP 200)")),
    ],
)
def test_errors(reply: Reply, status: int, body: Any, expected: object) -> None:
    """An error's text decides, then the status; what is no JSON is an outage."""
    assert omdb.parse(reply(status, body)) == expected


@pytest.mark.parametrize("kind", ["series", "episode", "game"])
def test_only_films_are_found(reply: Reply, kind: str) -> None:
    """The values of a series would be wrong ones for a film."""
    assert omdb.parse(reply(200, {"Response": "True", "Title": "Heat", "Type": kind})) == NotFound()


def test_nothing_but_a_title(reply: Reply) -> None:
    """N/A says nothing; the film is found all the same."""
    keys = ("Rated", "Released", "Runtime", "Genre", "Director", "Writer", "Actors", "Plot", "Country", "Awards")
    more = ("Poster", "Metascore", "imdbRating", "imdbVotes", "imdbID", "Type")
    body = {**dict.fromkeys(keys + more, "N/A"), "Ratings": [], "Title": "Heat", "Response": "True"}
    found = omdb.parse(reply(200, body))
    assert isinstance(found, Found)
    assert {name: told.value for name, told in found.fields.items()} == {"title": "Heat"}


@pytest.mark.parametrize("rated", ["Not Rated", "Unrated", "PG-13"])
def test_not_rated_is_a_rating(reply: Reply, rated: str) -> None:
    """A film that was not rated says so."""
    found = omdb.parse(reply(200, {"Response": "True", "Title": "Heat", "Rated": rated}))
    assert isinstance(found, Found)
    assert found.fields["content_rating"].value == rated


@pytest.mark.parametrize(
    ("ratings", "metascore", "expected"),
    [
        ([{"Source": "Metacritic", "Value": "55/100"}], "54", 55),
        ([], "54", 54),
        ([], "N/A", None),
        ([], "0", 0),
    ],
)
def test_metacritic_score(reply: Reply, ratings: list[dict[str, str]], metascore: str, expected: int | None) -> None:
    """The score stands in the list of ratings, in old answers only beside it."""
    body = {"Response": "True", "Title": "Heat", "Ratings": ratings, "Metascore": metascore}
    found = omdb.parse(reply(200, body))
    assert isinstance(found, Found)
    taken = found.fields.get("metacritic_score")
    assert (taken and taken.value) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("14 Jun 2013", "2013-06-14"),
        ("1 September 2000", "2000-09-01"),
        ("30 Feb 2013", None),
        ("2013", None),
        ("14 Jnu 2013", None),
        ("N/A", None),
    ],
)
def test_released(said: str, expected: str | None) -> None:
    """Month names are English whatever the machine's language is; half a date is none."""
    assert omdb_fields.released(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("143 min", 143),
        ("1,440 min", 1440),
        ("1 h 30 min", 90),
        ("1h30min", 90),
        ("2 h", 120),
        ("0 min", None),
        ("min", None),
        ("143 S min", None),
        ("", None),
    ],
)
def test_runtime(said: str, expected: int | None) -> None:
    """Minutes, also where OMDb counts hours; a text of another kind says nothing."""
    assert omdb_fields.runtime(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "Nominated for 1 BAFTA Award7 wins & 46 nominations total",
            "Nominated for 1 BAFTA Award. 7 wins & 46 nominations total",
        ),
        ("Won 4 Oscars1 nomination total", "Won 4 Oscars. 1 nomination total"),
        ("Won 4 Oscars. 42 wins & 52 nominations total", "Won 4 Oscars. 42 wins & 52 nominations total"),
        ("1 nomination.", "1 nomination."),
        ("Won the U2 winsome award", "Won the U2 winsome award"),
    ],
)
def test_awards(said: str, expected: str) -> None:
    """A lost full stop is put back, and nothing else is changed."""
    assert omdb_fields.awards(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Ann (story, screenplay), Bob (novel), Ann", ["Ann", "Bob"]),
        ("Ann, N/A, , Bob", ["Ann", "Bob"]),
        ("N/A", []),
        (7, []),
    ],
)
def test_lists_without_notes(said: Any, expected: list[str]) -> None:
    """Notes are left out, commas in them and all; each name once."""
    assert omdb_fields.listed(said) == expected


@pytest.mark.parametrize(("said", "expected"), [("0%", 0), ("100%", 100), ("101%", None), ("5.5/10", None)])
def test_percent(said: str, expected: int | None) -> None:
    """A score of 0 is a score; one above 100 is none."""
    assert omdb_fields.percent(said) == expected
