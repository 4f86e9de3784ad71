"""Which film a title or an IMDb id means."""

from collections.abc import Callable
from typing import Any

import pytest

from metarr_enricher.providers import tmdb, tmdb_lookup
from metarr_enricher.providers.exchange import Response
from metarr_enricher.providers.outcomes import LookedUp, Throttled, Unauthorized

Reply = Callable[..., Response]
HOME = tmdb.Locale("en", "US")
KEY = "0123456789abcdef0123456789abcdef"


def film(number: int, title: str, released: str = "1999-03-31", original: str | None = None) -> dict[str, Any]:
    """A film as TMDB lists it."""
    return {"id": number, "title": title, "original_title": original or title, "release_date": released}


def search(reply: Reply, films: list[dict[str, Any]], title: str, year: int | None) -> LookedUp:
    """What the title means when TMDB lists these films."""
    looked_up = tmdb_lookup.parse_search(reply(200, {"page": 1, "results": films}), title, year)
    assert isinstance(looked_up, LookedUp)
    return looked_up


def test_find_request() -> None:
    """An IMDb id is found by its own path."""
    request = tmdb_lookup.find_request("tt0133093", KEY, HOME)
    assert (request.path, request.query["external_source"]) == ("/find/tt0133093", "imdb_id")


def test_search_request() -> None:
    """A title is searched with any release in that year, without films for adults."""
    request = tmdb_lookup.search_request("The Matrix", 1999, KEY, HOME)
    assert request.path == "/search/movie"
    assert request.query == {
        "query": "The Matrix",
        "year": "1999",
        "include_adult": "false",
        "language": "en-US",
        "page": "1",
    }


def test_search_request_without_a_year() -> None:
    """No year, no parameter."""
    assert "year" not in tmdb_lookup.search_request("The Matrix", None, KEY, HOME).query


@pytest.mark.parametrize(
    ("title", "year", "imdb", "expected"),
    [
        ("The Matrix", 1999, "tt0133093", "imdb:tt0133093"),
        ("The Matrix!", 1999, None, "title:the matrix|1999"),
        ("The Matrix", None, None, "title:the matrix|"),
        ("$", 1971, None, "title:$|1971"),
    ],
)
def test_looked_up_with(title: str, year: int | None, imdb: str | None, expected: str) -> None:
    """The IMDb id says more than the title."""
    assert tmdb_lookup.looked_up_with(title, year, imdb) == expected


@pytest.mark.parametrize(
    ("films", "title", "year", "expected"),
    [
        ([film(1, "Amélie")], "AMELIE", 1999, 1),
        ([film(1, "Amélie", original="Le Fabuleux Destin")], "Le fabuleux destin", 1999, 1),
        ([film(1, "Fast & Furious")], "Fast and Furious", None, 1),
        ([film(1, "Heat", "1995-12-15"), film(2, "Heat", "1986-11-14")], "Heat", 1995, 1),
        ([film(1, "Heat", "1995-12-15"), film(2, "Heat", "1986-11-14")], "Heat", 1996, 1),
        ([film(1, "$", "1971-12-15"), film(2, "!!!", "1971-01-01")], "$", 1971, 1),
        ([film(1, "Heat", "1995-12-15"), film(1, "Heat", "1995-12-15")], "Heat", 1995, 1),
    ],
)
def test_identified(reply: Reply, films: list[dict[str, Any]], title: str, year: int | None, expected: int) -> None:
    """Exactly one film of that title, a year off at most, is the one."""
    assert search(reply, films, title, year) == LookedUp(expected)


@pytest.mark.parametrize(
    ("films", "title", "year"),
    [
        ([film(1, "Heat", "1995-12-15")], "Heat", 1993),
        ([film(1, "Heat", "")], "Heat", 1995),
        ([film(1, "Heat", "1995-12-15"), film(2, "Heat", "1996-01-01")], "Heat", 1995),
        ([film(1, "Heat", "1995-12-15"), film(2, "Heat", "1986-11-14")], "Heat", None),
        ([film(1, "Heat of the Night")], "Heat", 1999),
        ([film(1, "!!!")], "???", 1999),
    ],
)
def test_a_person_has_to_choose(reply: Reply, films: list[dict[str, Any]], title: str, year: int | None) -> None:
    """No film or more than one: no guess."""
    looked_up = search(reply, films, title, year)
    assert looked_up.tmdb_id is None
    assert [candidate.tmdb_id for candidate in looked_up.candidates] == [item["id"] for item in films]


def test_ten_candidates_in_the_order_of_tmdb(reply: Reply) -> None:
    """A person sees the first ten."""
    films = [film(number, "Heat") for number in range(20, 0, -1)]
    looked_up = search(reply, films, "Heat", None)
    assert [candidate.tmdb_id for candidate in looked_up.candidates] == list(range(20, 10, -1))


def test_a_search_lists_twenty_in_the_order_of_tmdb(reply: Reply) -> None:
    """A person sees the whole page, also where the title means exactly one of them; what is no film is left out."""
    films = [film(30, "Heat", "1995-12-15"), {"id": "x"}, *(film(number, "Cold") for number in range(24, 1, -1))]
    listed = tmdb_lookup.parse_list(reply(200, {"page": 1, "results": films}))
    assert isinstance(listed, LookedUp)
    assert listed.tmdb_id is None
    assert [candidate.tmdb_id for candidate in listed.candidates] == [30, *range(24, 5, -1)]


def test_a_search_without_a_film(reply: Reply) -> None:
    """An empty list is an answer, and a failure stays one."""
    assert tmdb_lookup.parse_list(reply(200, {"page": 1, "results": []})) == LookedUp()
    assert tmdb_lookup.parse_list(reply(429, b"", {"retry-after": "2"})) == Throttled(2.0)


def test_the_overview_is_shortened_at_a_word(reply: Reply) -> None:
    """A candidate's overview is a reminder, not the plot."""
    whole = "A thief, a cop. " * 40
    shortened = search(reply, [film(1, "Heat") | {"overview": whole}], "Cold", None).candidates[0].overview
    assert shortened is not None
    assert 280 < len(shortened) <= 300
    assert whole.removeprefix(shortened.removesuffix("…"))[0] in " ,."


def test_find_without_a_film(reply: Reply) -> None:
    """The IMDb id of a series means no film."""
    body = {"movie_results": [], "tv_results": [{"id": 1100, "name": "How I Met Your Mother"}]}
    assert tmdb_lookup.parse_find(reply(200, body)) == LookedUp()


def test_find_with_two_films(reply: Reply) -> None:
    """Should TMDB ever name two, a person chooses."""
    looked_up = tmdb_lookup.parse_find(reply(200, {"movie_results": [film(1, "A"), film(2, "B")]}))
    assert isinstance(looked_up, LookedUp)
    assert (looked_up.tmdb_id, len(looked_up.candidates)) == (None, 2)


def test_failures_of_a_lookup(reply: Reply) -> None:
    """A lookup fails as a details request does; an id that TMDB refuses is nothing found."""
    assert tmdb_lookup.parse_find(reply(429, b"", {"retry-after": "2"})) == Throttled(2.0)
    assert tmdb_lookup.parse_search(reply(401, {"status_code": 7}), "Heat", None) == Unauthorized(
        "TMDB refuses the key: no reason given"
    )
    assert tmdb_lookup.parse_find(reply(404, {"status_code": 34})) == LookedUp()
