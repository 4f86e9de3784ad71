"""fanart.tv: what is asked, what an answer means, which picture is taken."""

from collections.abc import Callable
from typing import Any

import pytest

from metarr_contracts.movie import ExternalIds
from metarr_enricher.providers import fanart
from metarr_enricher.providers.exchange import Response
from metarr_enricher.providers.outcomes import Found, NotFound, Throttled, Unauthorized, Unavailable, Unexpected

Reply = Callable[..., Response]


def picture(name: str, language: str, likes: str = "0") -> dict[str, str]:
    """A picture as fanart.tv lists it."""
    return {"id": "1", "url": f"https://assets.fanart.tv/fanart/{name}", "lang": language, "likes": likes}


def taken(outcome: object, field: str) -> str | None:
    """The name of the picture that was taken for a field."""
    assert isinstance(outcome, Found)
    answered = outcome.fields.get(field)
    return str(answered.value).rsplit("/", 1)[-1] if answered else None


def test_request() -> None:
    """Keys go into headers."""
    request = fanart.request("603", "project", "personal")
    assert (request.path, request.query, request.secret_query) == ("/movies/603", {}, {})
    assert request.secret_headers == {"api-key": "project", "client-key": "personal"}


def test_request_without_a_personal_key() -> None:
    """A project key alone is enough."""
    assert fanart.request("tt0133093", "project").secret_headers == {"api-key": "project"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (200, {}, {}, NotFound()),
        (404, {"status": "error", "error message": "Not found"}, {}, NotFound()),
        (404, b"<html>", {}, Unavailable("fanart.tv has no answer now (HTTP 404)")),
        (404, {}, {}, Unexpected("fanart.tv answered HTTP 404: no reason given")),
        (401, {"error": "invalid API key"}, {}, Unauthorized("fanart.tv refuses the key: invalid API key")),
        (401, b"", {}, Unauthorized("fanart.tv refuses the key: no reason given")),
        (429, b"", {"retry-after": "3"}, Throttled(3.0)),
        (429, {}, {}, Throttled()),
        (502, b"<html>", {}, Unavailable("fanart.tv has no answer now (HTTP 502)")),
        (200, b"", {}, Unavailable("fanart.tv has no answer now (HTTP 200)")),
        (200, [], {}, Unexpected("fanart.tv answered HTTP 200 with something else than an object")),
        (200, {"hello": 1}, {}, Unexpected("fanart.tv answered HTTP 200: no reason given")),
        (400, {"error": "Bad"}, {}, Unexpected("fanart.tv answered HTTP 400: Bad")),
    ],
)
def test_outcomes(reply: Reply, status: int, body: Any, headers: dict[str, str], expected: object) -> None:
    """Old and new servers, the limit and the network in front of them."""
    assert fanart.parse(reply(status, body, headers), "en") == expected


def test_a_film_with_other_pictures_only(reply: Reply) -> None:
    """A film without the kinds that we show is found, with nothing; counts between the lists are passed over."""
    body = {"name": "Heat", "tmdb_id": "949", "moviedisc": [picture("disc.png", "en")], "moviedisc_count": 1}
    assert fanart.parse(reply(200, body), "en") == Found(ids=ExternalIds(tmdb=949))


@pytest.mark.parametrize(
    ("posters", "expected"),
    [
        ([picture("en.jpg", "en", "9"), picture("de.jpg", "de", "1")], "de.jpg"),
        ([picture("none.jpg", "00", "9"), picture("en.jpg", "en", "1")], "en.jpg"),
        ([picture("ja.jpg", "ja", "9"), picture("none.jpg", "xx", "1")], "none.jpg"),
        ([picture("a.jpg", "de", "2"), picture("b.jpg", "de", "10")], "b.jpg"),
        ([{"lang": "de", "likes": "9"}, picture("en.jpg", "en")], "en.jpg"),
        ([{"url": "ftp://elsewhere.example/a.jpg", "lang": "de"}], None),
    ],
)
def test_the_poster(reply: Reply, posters: list[dict[str, str]], expected: str | None) -> None:
    """By language (the library's, English, without words, others), then by likes, which are numbers."""
    found = fanart.parse(reply(200, {"name": "Heat", "movieposter": posters}), "de")
    assert taken(found, "poster") == expected


def test_the_logo_in_a_language_of_the_better_kind(reply: Reply) -> None:
    """Between logos of one language the large kind wins, whatever the likes."""
    body = {
        "name": "Heat",
        "movielogo": [picture("small.png", "en", "99")],
        "hdmovielogo": [picture("large.png", "en", "1")],
    }
    assert taken(fanart.parse(reply(200, body), "en"), "clearlogo") == "large.png"


def test_a_background_is_better_without_words(reply: Reply) -> None:
    """A background without words comes before one in the library's language, the usual kind before the 4K kind."""
    both = [picture("words.jpg", "de", "9"), picture("plain.jpg", "", "1")]
    large = [picture("4k.jpg", "", "99")]
    assert taken(fanart.parse(reply(200, {"name": "Heat", "moviebackground": both}), "de"), "fanart") == "plain.jpg"
    usual = fanart.parse(reply(200, {"name": "Heat", "moviebackground": both, "movie4kbackground": large}), "de")
    assert taken(usual, "fanart") == "plain.jpg"
    assert taken(fanart.parse(reply(200, {"name": "Heat", "movie4kbackground": large}), "de"), "fanart") == "4k.jpg"


def test_old_addresses_become_https(reply: Reply) -> None:
    """Very old entries have http addresses."""
    old = {"url": "http://assets.fanart.tv/fanart/movies/1/movieposter/a.jpg", "lang": "en", "likes": "0"}
    found = fanart.parse(reply(200, {"name": "Heat", "movieposter": [old]}), "en")
    assert isinstance(found, Found)
    assert found.fields["poster"].value == "https://assets.fanart.tv/fanart/movies/1/movieposter/a.jpg"
