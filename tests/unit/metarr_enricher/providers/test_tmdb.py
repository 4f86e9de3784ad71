"""TMDB: what is asked, what an answer means, which value is taken."""

from collections.abc import Callable
from typing import Any

import pytest

from metarr_enricher.providers import tmdb
from metarr_enricher.providers.exchange import Response
from metarr_enricher.providers.outcomes import Found, NotFound, Throttled, Unauthorized, Unavailable, Unexpected

Reply = Callable[..., Response]
HOME = tmdb.Locale("en", "US")
GERMAN = tmdb.Locale("de", "DE")
API_KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.e30.signature"


def values(outcome: object) -> dict[str, Any]:
    """The fields of an answer without their languages."""
    assert isinstance(outcome, Found)
    return {name: answered.value for name, answered in outcome.fields.items()}


def test_details_are_one_request() -> None:
    """All blocks come in one request; pictures and trailers in English and without words are asked for too."""
    request = tmdb.request(603, API_KEY, GERMAN)
    assert request.path == "/movie/603"
    assert request.query == {
        "append_to_response": "credits,release_dates,external_ids,images,videos",
        "language": "de-DE",
        "include_image_language": "de,en,null",
        "include_video_language": "de,en",
    }


def test_an_english_library_names_english_once() -> None:
    """No language is asked for twice."""
    assert tmdb.request(603, API_KEY, HOME).query["include_image_language"] == "en,null"


def test_an_api_key_is_a_query_parameter() -> None:
    """Thirty-two hexadecimal digits are an API key."""
    request = tmdb.request(603, API_KEY, HOME)
    assert (request.secret_query, request.secret_headers) == ({"api_key": API_KEY}, {})


@pytest.mark.parametrize("key", [TOKEN, API_KEY + "0", "not-a-key"])
def test_any_other_key_is_a_bearer_token(key: str) -> None:
    """A read access token goes into a header."""
    request = tmdb.request(603, key, HOME)
    assert (request.secret_query, request.secret_headers) == ({}, {"Authorization": f"Bearer {key}"})


def error(code: int, message: str = "Some reason.") -> dict[str, Any]:
    """The body of TMDB's errors."""
    return {"success": False, "status_code": code, "status_message": message}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, error(7, "Invalid API key."), Unauthorized("TMDB refuses the key: Invalid API key.")),
        (401, b"<html>", Unauthorized("TMDB refuses the key: no reason given")),
        (403, error(45, "Suspended."), Unauthorized("TMDB refuses the key: Suspended.")),
        (404, error(34), NotFound()),
        (404, error(6), NotFound()),
        (404, error(37), Unexpected("TMDB answered HTTP 404: Some reason.")),
        (404, b"<html>no such page</html>", Unavailable("TMDB has no answer now (HTTP 404)")),
        (429, error(25), Throttled()),
        (429, b"<html>Too many</html>", Throttled()),
        (200, error(25), Throttled()),
        (500, error(11), Unavailable("TMDB has no answer now (HTTP 500)")),
        (503, error(46), Unavailable("TMDB has no answer now (HTTP 503)")),
        (502, b"<html>Bad gateway</html>", Unavailable("TMDB has no answer now (HTTP 502)")),
        (200, b"", Unavailable("TMDB has no answer now (HTTP 200)")),
        (200, b'{"id": 603, "overv', Unavailable("TMDB has no answer now (HTTP 200)")),
        (200, [], Unexpected("TMDB answered with something else than an object")),
        (200, {}, Unexpected("TMDB answered without a film")),
        (200, {"id": 0}, Unexpected("TMDB answered without a film")),
        (400, error(47), Unexpected("TMDB answered HTTP 400: Some reason.")),
        (301, {}, Unexpected("TMDB answered HTTP 301: no reason given")),
    ],
)
def test_errors(reply: Reply, status: int, body: Any, expected: object) -> None:
    """A status and a code mean one outcome; what is no JSON is an outage."""
    assert tmdb.parse(reply(status, body), HOME) == expected


def test_retry_after_is_read(reply: Reply) -> None:
    """A throttled answer says how long to wait."""
    assert tmdb.parse(reply(429, b"", {"retry-after": "7"}), HOME) == Throttled(7.0)


def test_empty_values_are_absent(reply: Reply) -> None:
    """Empty texts and lists, null and a 0 that means unknown say nothing."""
    body = {
        "id": 603,
        "imdb_id": "",
        "overview": "",
        "tagline": " ",
        "release_date": "",
        "runtime": 0,
        "genres": [],
        "vote_average": 0.0,
        "vote_count": 0,
        "poster_path": None,
        "backdrop_path": None,
        "belongs_to_collection": None,
        "production_companies": [{"name": ""}],
        "credits": {"cast": [], "crew": []},
        "release_dates": {"results": []},
        "images": {"logos": []},
        "videos": {"results": []},
    }
    assert values(tmdb.parse(reply(200, body), HOME)) == {}


def test_a_rating_without_votes_is_none(reply: Reply) -> None:
    """A rating counts only when somebody voted."""
    assert values(tmdb.parse(reply(200, {"id": 1, "vote_average": 7.5, "vote_count": 0}), HOME)) == {}


def certified(*releases: tuple[str, str, int, str]) -> dict[str, Any]:
    """Details of a film with these releases: country, certificate, type, date."""
    countries = dict.fromkeys(country for country, *_ in releases)
    results = [
        {
            "iso_3166_1": country,
            "release_dates": [
                {"certification": mark, "type": kind, "release_date": day}
                for where, mark, kind, day in releases
                if where == country
            ],
        }
        for country in countries
    ]
    return {"id": 1, "release_dates": {"results": results}}


@pytest.mark.parametrize(
    ("releases", "expected"),
    [
        ([("DE", "16", 3, "1999-06-17"), ("US", "R", 3, "1999-03-31")], "16"),
        ([("DE", "", 3, "1999-06-17"), ("US", "R", 3, "1999-03-31")], "R"),
        ([("US", "R", 3, "1999-03-31")], "R"),
        ([("GB", "15", 3, "1999-06-11")], None),
        ([("DE", "18", 5, "1999-01-01"), ("DE", "16", 3, "1999-06-17")], "16"),
        ([("DE", "12", 3, "2019-01-01"), ("DE", "16", 3, "1999-06-17")], "16"),
        ([("DE", "12", 9, "1990-01-01"), ("DE", "16", 6, "1999-06-17")], "16"),
        ([("DE", "", 3, "1999-06-17"), ("DE", "16", 5, "1999-12-01")], "16"),
    ],
)
def test_content_rating(reply: Reply, releases: list[tuple[str, str, int, str]], expected: str | None) -> None:
    """The region's certificate, of its cinemas before discs, of the first showing; else that of the United States."""
    read = values(tmdb.parse(reply(200, certified(*releases)), GERMAN))
    assert read.get("content_rating") == expected


def test_writers_are_ordered_by_what_they_wrote(reply: Reply) -> None:
    """Who wrote the film comes before whom it is based on; each once; other jobs of writers do not count."""
    jobs = [
        ("Ann", "Writing", "Novel"),
        ("Bob", "Writing", "Story"),
        ("Cid", "Writing", "Screenplay"),
        ("Bob", "Writing", "Screenplay"),
        ("Dan", "Writing", "Story Editor"),
        ("Eve", "Crew", "Writer"),
    ]
    crew = [{"name": name, "department": department, "job": job} for name, department, job in jobs]
    read = values(tmdb.parse(reply(200, {"id": 1, "credits": {"crew": crew}}), HOME))
    assert read == {"writers": ["Cid", "Bob", "Ann"]}


def test_the_cast_is_in_billing_order(reply: Reply) -> None:
    """Who is billed first comes first, who is not billed last; an unknown role is null."""
    cast = [
        {"name": "Third", "character": "C"},
        {"name": "Second", "character": "", "order": 1},
        {"name": "First", "character": "A", "order": 0},
        {"character": "Nobody", "order": 2},
    ]
    assert values(tmdb.parse(reply(200, {"id": 1, "credits": {"cast": cast}}), HOME))["cast"] == [
        {"name": "First", "role": "A"},
        {"name": "Second", "role": None},
        {"name": "Third", "role": "C"},
    ]


def logo(path: str, language: str | None, liked: float) -> dict[str, Any]:
    """A logo as TMDB lists it."""
    return {"file_path": path, "iso_639_1": language, "vote_average": liked, "vote_count": 3}


@pytest.mark.parametrize(
    ("logos", "expected"),
    [
        ([logo("/en.png", "en", 9), logo("/de.png", "de", 1)], ("de.png", "de")),
        ([logo("/none.png", None, 9), logo("/en.png", "en", 1)], ("en.png", "en")),
        ([logo("/ja.png", "ja", 9), logo("/none.png", None, 1)], ("none.png", None)),
        ([logo("/a.png", "de", 1), logo("/b.png", "de", 2)], ("b.png", "de")),
        ([logo("/a.svg", "de", 9), logo("/b.png", "ja", 1)], ("b.png", "ja")),
        ([logo("/a.svg", "de", 9)], None),
        ([logo("//elsewhere.example/a.png", "de", 9)], None),
    ],
)
def test_the_logo(reply: Reply, logos: list[dict[str, Any]], expected: tuple[str, str | None] | None) -> None:
    """By language (the library's, English, without words, others), then by votes; drawings in SVG are left out."""
    found = tmdb.parse(reply(200, {"id": 1, "images": {"logos": logos}}), GERMAN)
    assert isinstance(found, Found)
    taken = found.fields.get("clearlogo")
    assert (
        taken and (str(taken.value).removeprefix("https://image.tmdb.org/t/p/original/"), taken.language)
    ) == expected


def video(key: str, language: str, kind: str = "Trailer", **other: Any) -> dict[str, Any]:
    """A video as TMDB lists it."""
    return {"key": key, "site": "YouTube", "type": kind, "iso_639_1": language, "official": True, "size": 1080, **other}


@pytest.mark.parametrize(
    ("videos", "expected"),
    [
        ([video("english", "en"), video("germany", "de")], "germany"),
        ([video("fan-made", "de", official=False), video("official", "de")], "official"),
        ([video("small-one", "de", size=480), video("large-one", "de")], "large-one"),
        ([video("a-teaser", "de", "Teaser"), video("the-trailer", "en")], "the-trailer"),
        ([video("a-teaser", "de", "Teaser")], "a-teaser"),
        ([video("featured", "de", "Featurette")], None),
        ([video("12345678", "de", site="Vimeo")], None),
        ([video("../watch?x", "de")], None),
    ],
)
def test_the_trailer(reply: Reply, videos: list[dict[str, Any]], expected: str | None) -> None:
    """A trailer before a teaser, by language, official and large ones first; from YouTube only."""
    read = values(tmdb.parse(reply(200, {"id": 1, "videos": {"results": videos}}), GERMAN))
    assert read.get("trailer") == (expected and f"https://www.youtube.com/watch?v={expected}")


def test_what_is_translated_carries_the_language(reply: Reply) -> None:
    """Names, dates and numbers have no language."""
    body = {"id": 1, "overview": "Ein Film.", "runtime": 90, "production_countries": [{"name": "Germany"}]}
    found = tmdb.parse(reply(200, body), GERMAN)
    assert isinstance(found, Found)
    spoken = {name: answered.language for name, answered in found.fields.items()}
    assert spoken == {"plot": "de", "runtime": None, "countries": None}
