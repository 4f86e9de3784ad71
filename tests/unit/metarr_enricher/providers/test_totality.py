"""No response whatever makes a parser raise, and what it reads can be stored on the bus and in the database."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.metarr_enricher.providers.parsers import PARSERS, must_be_an_outcome

from metarr_enricher.providers.exchange import Response

RECORDED = Path(__file__).parents[4] / ".." / "shared" / "data"
SAMPLES = {
    "tmdb": (
        "tmdb/movie_550_append-credits-release_dates-external_ids-keywords-images_2025.json",
        "tmdb/error_404_movie_0_2025.json",
    ),
    "omdb": ("omdb/t_man-of-steel_2026.json", "omdb/error_401_request-limit-reached.json"),
    "fanart": ("fanart/movies_120_lotr-fellowship_v3_2015_trimmed.json", "fanart/error_no-key_2018.json"),
    "find": ("tmdb/find_tt0266543_2022.json",),
    "search": ("tmdb/search_movie_the-matrix_2017.json",),
    "list": ("tmdb/search_movie_the-matrix_2017.json",),
    "changes": ("tmdb/movie_changes_list_2022.json",),
}
KEYS = st.sampled_from(
    [
        *("id", "imdb_id", "status_code", "status_message", "overview", "genres", "credits", "cast", "crew", "name"),
        *("release_dates", "results", "certification", "type", "images", "logos", "videos", "key", "vote_average"),
        *(
            "Response",
            "Error",
            "Title",
            "Type",
            "Ratings",
            "Source",
            "Value",
            "Released",
            "Runtime",
            "Poster",
            "imdbID",
        ),
        *("tmdb_id", "movieposter", "hdmovielogo", "url", "lang", "likes", "error", "error message", "movie_results"),
        *("title", "original_title", "release_date", "poster_path", "file_path", "job", "department", "order"),
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["N/A", "True", "False", "", "tt0133093", "\ud800", "a\x00b", "Director", "Writing", "YouTube"])
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20
)
STATUSES = st.sampled_from([200, 200, 200, 301, 400, 401, 403, 404, 429, 500, 503, 522])
HEADERS = st.fixed_dictionaries({}, optional={"retry-after": st.text(max_size=30), "date": st.text(max_size=30)})


@pytest.mark.parametrize("parser", PARSERS)
@given(body=JSON, status=STATUSES, headers=HEADERS)
def test_any_json(parser: str, body: Any, status: int, headers: dict[str, str]) -> None:
    """JSON of any shape gives an outcome, under any status."""
    must_be_an_outcome(PARSERS[parser](Response(status, headers, json.dumps(body).encode())))


@pytest.mark.parametrize("parser", PARSERS)
@given(body=st.binary(max_size=60), status=STATUSES)
def test_any_bytes(parser: str, body: bytes, status: int) -> None:
    """So do bytes that are no JSON."""
    must_be_an_outcome(PARSERS[parser](Response(status, {}, body)))


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"id":' * 100_000, b"1" * 10_000, b'{"id":NaN}', b'{"id":1e999}', b'"\\ud800"', b"\xff\xfe"],
)
def test_hostile_json(parser: str, body: bytes) -> None:
    """So do bodies made to break a JSON reader."""
    must_be_an_outcome(PARSERS[parser](Response(200, {}, body)))


@pytest.mark.parametrize("parser", PARSERS)
def test_oversized_values(parser: str) -> None:
    """Long values are cut and long lists too, so the answer fits into one message."""
    huge = "\N{PILE OF POO}" * 11_000
    people = [{"name": f"{n}{huge[:700]}", "character": huge[:700], "job": "Director"} for n in range(60)]
    text = dict.fromkeys(("overview", "tagline", "original_title", "Plot", "Awards", "Title", "Rated"), huge)
    lists = {
        "Actors": ",".join(f"{n}{huge[:400]}" for n in range(90)),
        "genres": people,
        "production_companies": people,
    }
    found = [{"id": n + 1, "title": huge[:700], "overview": huge[:700]} for n in range(60)]
    ids = {"id": 1, "tmdb_id": "1", "Response": "True", "movie_results": found, "results": found}
    body = {**text, **lists, **ids, "credits": {"cast": people, "crew": people}}
    must_be_an_outcome(PARSERS[parser](Response(200, {}, json.dumps(body).encode())))


def trimmed(value: Any) -> Any:
    """The JSON value with short lists: what a list holds is alike."""
    if isinstance(value, dict):
        return {key: trimmed(item) for key, item in value.items()}
    return [trimmed(item) for item in value[:3]] if isinstance(value, list) else value


@st.composite
def paths(draw: st.DrawFn, value: Any) -> tuple[Any, ...]:
    """The path to one of the values inside a JSON value."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not keys or not draw(st.integers(0, 4)):
        return ()
    key = draw(st.sampled_from(keys))
    return (key, *draw(paths(value[key])))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The JSON value with another one at that path."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize(("parser", "sample"), [(parser, file) for parser, files in SAMPLES.items() for file in files])
@given(data=st.data())
def test_mutated_recordings(parser: str, sample: str, data: st.DataObject) -> None:
    """A real answer with some values of another shape gives an outcome."""
    file = RECORDED / sample
    if not file.exists():
        pytest.skip("the recorded answers are not on this machine")
    body = trimmed(json.loads(file.read_bytes()))
    for new in data.draw(st.lists(JSON, min_size=1, max_size=3)):
        body = replaced(body, data.draw(paths(body)), new)
    must_be_an_outcome(PARSERS[parser](Response(200, {}, json.dumps(body).encode())))


@pytest.mark.parametrize("odd", ["\x00", "\x1b", "\x7f", "\x85", "\ud800"])
def test_addresses_of_pictures_are_text(odd: str) -> None:
    """A control character or half surrogate in one makes it none: neither bus nor database could store it."""
    omdb = {
        "Response": "True",
        "Title": "Heat",
        "imdbID": "tt0113277",
        "Poster": f"https://m.media-amazon.com/a{odd}.jpg",
    }
    pictures = {"tmdb_id": "949", "movieposter": [{"url": f"https://assets.fanart.tv/a{odd}.jpg", "lang": "en"}]}
    for parser, body in (("omdb", omdb), ("fanart", pictures)):
        outcome = PARSERS[parser](Response(200, {}, json.dumps(body).encode()))
        must_be_an_outcome(outcome)
        assert "poster" not in getattr(outcome, "fields", {})
