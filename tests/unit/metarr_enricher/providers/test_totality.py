"""No response whatever makes a parser raise, and what it reads can be stored on the bus and in the database."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metarr_contracts.answers import ChangesAnswered, LookupAnswered, ProviderAnswered
from metarr_enricher.providers import fanart, omdb, tmdb, tmdb_changes, tmdb_lookup
from metarr_enricher.providers.exchange import Response
from metarr_enricher.providers.outcomes import ChangesPage, Failure, Found, LookedUp, NotFound

RECORDED = Path(__file__).parents[4] / ".." / "shared" / "data"
LARGEST_MESSAGE = 1_000_000
HOME = tmdb.Locale("en", "US")
PARSERS: dict[str, Callable[[Response], Any]] = {
    "tmdb": partial(tmdb.parse, locale=HOME),
    "omdb": omdb.parse,
    "fanart": partial(fanart.parse, language="en"),
    "find": tmdb_lookup.parse_find,
    "search": partial(tmdb_lookup.parse_search, title="The Matrix", year=1999),
    "list": tmdb_lookup.parse_list,
    "changes": tmdb_changes.parse,
}
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


def must_be_an_outcome(outcome: object) -> None:
    """An outcome whose values fit into a message: valid UTF-8, no NUL, no infinite number, below 1 MB."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    asked = {"movie_id": 1, "job_id": 1, "asked_with": "tmdb:603", "fetched_at": moment}
    stored: ProviderAnswered | LookupAnswered | ChangesAnswered
    if isinstance(outcome, Found):
        stored = ProviderAnswered(provider="tmdb", outcome="found", fields=outcome.fields, ids=outcome.ids, **asked)
    elif isinstance(outcome, LookedUp):
        stored = LookupAnswered(tmdb_id=outcome.tmdb_id, candidates=outcome.candidates, **asked)
    elif isinstance(outcome, ChangesPage):
        stored = ChangesAnswered(day=moment.date(), fetched_at=moment, tmdb_ids=tuple(outcome.tmdb_ids))
    else:
        assert isinstance(outcome, (NotFound, *get_args(Failure)))
        assert len(getattr(outcome, "message", "")) < 300
        return
    message = stored.to_json()
    assert len(message) < LARGEST_MESSAGE
    assert b"\\u0000" not in message
    assert type(stored).model_validate_json(message) == stored


@pytest.mark.parametrize("parser", PARSERS)
@settings(deadline=None)
@given(body=JSON, status=STATUSES, headers=HEADERS)
def test_any_json(parser: str, body: Any, status: int, headers: dict[str, str]) -> None:
    """JSON of any shape gives an outcome, under any status."""
    must_be_an_outcome(PARSERS[parser](Response(status, headers, json.dumps(body).encode())))


@pytest.mark.parametrize("parser", PARSERS)
@settings(deadline=None)
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
@settings(deadline=None)
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
