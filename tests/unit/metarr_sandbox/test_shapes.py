"""Our bodies have the recorded bodies' keys, each with the recorded types."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metarr_sandbox import fanart, omdb, tmdb
from metarr_sandbox.library import Library
from metarr_sandbox.wire import Asked

RECORDED = Path(__file__).parents[3] / ".." / "shared" / "data"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FILMS = [603, 550, 129, 194, *range(10_000_001, 10_000_300)]
PARTS = "credits,release_dates,external_ids,keywords,images,videos,alternative_titles,translations"

# Types that are documented beside the recorded ones.
ALSO = {
    "movie.belongs_to_collection": {"null", "object"},
    "movie.belongs_to_collection.backdrop_path": {"null"},
    "movie.backdrop_path": {"null"},
    "movie.poster_path": {"null"},
    "movie.imdb_id": {"null"},
    "movie.runtime": {"null"},
    "movie.production_companies[].logo_path": {"null"},
    "movie.external_ids.imdb_id": {"null"},
    "movie.external_ids.wikidata_id": {"null"},
    "movie.external_ids.facebook_id": {"null"},
    "movie.external_ids.instagram_id": {"string"},
    "movie.credits.cast[].profile_path": {"null"},
    "movie.credits.crew[].profile_path": {"null"},
    "movie.images.logos[].iso_639_1": {"null"},
    "movie.images.posters[].iso_639_1": {"null"},
    "find.movie_results[].backdrop_path": {"null"},
    "find.movie_results[].poster_path": {"null"},
    "search.results[].backdrop_path": {"null"},
    "search.results[].poster_path": {"null"},
    "changes.results[].adult": {"null"},
}
# Keys that today's service has and the recorded body, of older date, has not.
NEWER = {"alternative_titles.titles[].type"}

Shape = dict[str, set[str]]


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    yield path, _kind(value)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, f"{path}.{key}")
    if isinstance(value, list):
        for inner in value:
            yield from _walk(inner, f"{path}[]")


def _shape(name: str, bodies: Iterable[Any]) -> Shape:
    shape: Shape = defaultdict(set)
    for body in bodies:
        for path, kind in _walk(body, name):
            shape[path].add(kind)
    return shape


def _recorded(*names: str) -> list[Any]:
    if not RECORDED.is_dir():
        pytest.skip("the recorded bodies (../shared/data) are not here")
    return [json.loads((RECORDED / name).read_text(encoding="utf-8")) for name in names]


def _body(asked: Asked) -> Any:
    return json.loads(asked.answer().body)


def _tmdb(path: str, **query: str) -> Any:
    return _body(tmdb.ask(Library(), path, query, NOW))


def _assert_same(name: str, ours: Iterable[Any], recorded: Iterable[Any]) -> None:
    real, made = _shape(name, recorded), _shape(name, ours)
    assert set(real) - set(made) == set(), "keys that only the recorded bodies have"
    assert set(made) - set(real) - NEWER == set(), "keys that only ours have"
    wrong = {
        path: (kinds, real[path])
        for path, kinds in made.items()
        if path in real and not kinds <= real[path] | ALSO.get(path, set())
    }
    assert wrong == {}


def test_movie_with_appended_parts() -> None:
    """Details, credits, release dates, external ids, keywords and images are as recorded in 2025."""
    parts = "credits,release_dates,external_ids,keywords,images"
    ours = [_tmdb(f"/movie/{film}", append_to_response=parts) for film in FILMS]
    films = [film for film in ours if "id" in film]
    recorded = _recorded(
        "tmdb/movie_550_append-credits-release_dates-external_ids-keywords-images_2025.json",
        "tmdb/movie_348_alien_2025.json",
        "tmdb/movie_49521_man-of-steel_append-external_ids_2025.json",
    )
    _assert_same("movie", films, recorded)


def test_videos() -> None:
    """Videos are as recorded in 2022."""
    ours = [_tmdb(f"/movie/{film}/videos") for film in FILMS]
    _assert_same("videos", [one for one in ours if "id" in one], _recorded("tmdb/movie_550_videos_lang-en_2022.json"))


def test_alternative_titles() -> None:
    """Alternative titles are as recorded in 2017, with the newer type."""
    recorded = [
        one["alternative_titles"]
        for one in _recorded(
            "tmdb/movie_603_the-matrix_append-alternative_titles_2017.json",
            "tmdb/movie_604_matrix-reloaded_append-alternative_titles_2017.json",
        )
    ]
    ours = [_tmdb(f"/movie/{film}", append_to_response="alternative_titles") for film in FILMS]
    _assert_same("alternative_titles", [one["alternative_titles"] for one in ours if "id" in one], recorded)


def test_translations() -> None:
    """Translations are as the official OpenAPI document shows them."""
    (openapi,) = _recorded("tmdb/openapi/tmdb-api.v3.subset.openapi.json")
    answer = openapi["paths"]["/3/movie/{movie_id}/translations"]["get"]["responses"]["200"]
    example = json.loads(answer["content"]["application/json"]["examples"]["Result"]["value"])
    ours = [_tmdb(f"/movie/{film}/translations") for film in FILMS]
    _assert_same("translations", [one for one in ours if "id" in one], [example])


def test_find() -> None:
    """A find is as recorded in 2022."""
    ours = [_tmdb(f"/find/tt{number:07d}", external_source="imdb_id") for number in range(1, 200)]
    _assert_same("find", ours, _recorded("tmdb/find_tt0266543_2022.json"))


def test_search() -> None:
    """A search is as recorded in 2025, also without hits."""
    ours = [_tmdb("/search/movie", query=query) for query in ("the", "Pinocchio", "X Nowhere", "An Unheard Film 3")]
    recorded = _recorded("tmdb/search_movie_inception_2025.json", "tmdb/search_movie_no-results_2025.json")
    _assert_same("search", ours, recorded)


def test_configuration() -> None:
    """The configuration is the recorded one, value by value."""
    assert _tmdb("/configuration") == _recorded("tmdb/configuration_2025.json")[0]


def test_changes() -> None:
    """Both lists of changes are as recorded in 2022."""
    _assert_same("changes", [_tmdb("/movie/changes")], _recorded("tmdb/movie_changes_list_2022.json"))
    ours = [_tmdb(f"/movie/{film}/changes", start_date="2026-11-09", end_date="2026-11-22") for film in FILMS[:50]]
    real = _shape("changes", _recorded("tmdb/movie_550_changes_2015-06-20_2015-06-26_2022.json"))
    made = _shape("changes", [one for one in ours if "changes" in one])
    assert set(made) == {path for path in real if "value." not in path}


@pytest.mark.parametrize(("path", "name"), [("/movie/0", "tmdb/error_404_movie_0_2025.json")])
def test_tmdb_errors(path: str, name: str) -> None:
    """A refused id has the recorded body."""
    assert _tmdb(path) == _recorded(name)[0]


def _omdb(**query: str) -> Any:
    return _body(omdb.ask(Library(), "/", query, NOW))


def test_omdb_by_id_and_by_title() -> None:
    """Every key of 2026 is there, in the recorded order, and everything but Ratings is a string."""
    ours = [_omdb(i=f"tt{number:07d}") for number in (133093, *range(1, 200))] + [_omdb(t="The Matrix", y="1999")]
    films = [one for one in ours if one["Response"] == "True"]
    (recorded,) = _recorded("omdb/i_tt0770828_man-of-steel_short_2026.json")
    assert all(list(film) == list(recorded) for film in films)
    _assert_same("omdb", films, [recorded])


def test_omdb_search() -> None:
    """A search is as recorded in 2026."""
    _assert_same("omdb", [_omdb(s="the"), _omdb(s="Matrix")], _recorded("omdb/s_man-of-steel_page1_2026.json"))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"i": "tt9999999"}, "omdb/error_i_tt9999999_error-getting-data_2026.json"),
        ({"t": "Road to Nowhere"}, "omdb/error_t_movie-not-found_2026.json"),
        ({"i": "tt12"}, "omdb/error_200_incorrect-imdb-id.json"),
        ({}, "omdb/error_200_something-went-wrong.json"),
    ],
)
def test_omdb_errors(query: dict[str, str], name: str) -> None:
    """Errors have the recorded bodies."""
    assert _omdb(**query) == _recorded(name)[0]


def test_fanart_movie() -> None:
    """A film's pictures are as recorded in 2015, with today's counts and types beside."""
    ours = [_body(fanart.ask(Library(), f"/movies/{film}", {}, NOW, "empty")) for film in FILMS]
    films = [{key: value for key, value in one.items() if not key.endswith("_count")} for one in ours if one]
    real = _shape("fanart", _recorded("fanart/movies_120_lotr-fellowship_v3_2015_trimmed.json"))
    made = _shape("fanart", films)
    assert set(real) - set(made) == set()
    newer = {path for path in set(made) - set(real) if "moviesquare" not in path and "movie4kbackground" not in path}
    assert newer == set()
    assert all(kinds == real[path] for path, kinds in made.items() if path in real)


def test_fanart_latest() -> None:
    """The list of latest films is as recorded in 2015."""
    ours = _body(fanart.ask(Library(), "/movies/latest", {"date": "1700000000"}, NOW))
    _assert_same("latest", [ours], _recorded("fanart/movies_latest_v3_2015_trimmed.json"))
