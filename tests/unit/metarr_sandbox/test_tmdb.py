"""TMDB's rules: parameters, languages, documented errors."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from metarr_sandbox import catalog, tmdb
from metarr_sandbox.film import Film
from metarr_sandbox.library import Library
from metarr_sandbox.wire import Answer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIBRARY = Library()


def _get(path: str, **query: str) -> Answer:
    return tmdb.ask(LIBRARY, path, query, NOW).answer()


def _json(path: str, **query: str) -> Any:
    return json.loads(_get(path, **query).body)


def _films() -> list[Film]:
    films = [LIBRARY.by_tmdb_id(20_000_000 + number) for number in range(300)]
    return [film for film in films if film is not None and film.known_to("tmdb")]


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/movie/0", {}, 404, 6),
        ("/movie/abc", {}, 404, 6),
        ("/movie/" + "9" * 5000, {}, 404, 6),
        ("/movie/99999999999", {}, 404, 34),
        ("/movie/tt9999999", {}, 404, 34),
        ("/movie/550/nothing", {}, 404, 34),
        ("/person/287", {}, 501, 2),
        ("/search/movie", {}, 422, 5),
        ("/find/tt0137523", {}, 422, 5),
        ("/search/movie", {"query": "a", "page": "0"}, 400, 22),
        ("/search/movie", {"query": "a", "page": "501"}, 400, 22),
        ("/search/movie", {"query": "a", "page": "one"}, 400, 22),
        ("/movie/550", {"append_to_response": ",".join(["credits"] * 21)}, 400, 27),
    ],
)
def test_documented_errors(path: str, query: dict[str, str], status: int, code: int) -> None:
    """Each refusal has TMDB's HTTP status and code."""
    answer = _get(path, **query)
    body = json.loads(answer.body)
    assert (answer.status, body["status_code"], body["success"]) == (status, code, False)


def test_twenty_parts_may_be_appended() -> None:
    """The limit is twenty; unknown names are passed over."""
    body = _json("/movie/550", append_to_response=",".join(["credits"] * 19 + ["nothing"]))
    assert "credits" in body
    assert "nothing" not in body


def test_an_appended_part_is_the_part_without_its_id() -> None:
    """What is appended equals what the sub-resource says."""
    for part in ("credits", "release_dates", "videos", "images", "keywords", "external_ids", "translations"):
        alone = _json(f"/movie/550/{part}")
        assert alone.pop("id") == 550
        assert _json("/movie/550", append_to_response=part)[part] == alone


def test_a_film_is_taken_by_imdb_id_and_by_slug() -> None:
    """As the real service does."""
    assert _json("/movie/tt0137523")["id"] == _json("/movie/550-fight-club")["id"] == 550


def test_find_leads_to_the_film_and_back() -> None:
    """A find's id has details that carry the IMDb id."""
    found = _json("/find/tt0000123", external_source="imdb_id")["movie_results"][0]
    assert _json(f"/movie/{found['id']}")["imdb_id"] == "tt0000123"


@pytest.mark.parametrize("source", ["tvdb_id", "wikidata_id"])
def test_find_by_other_sources_is_empty(source: str) -> None:
    """Five empty arrays and no error."""
    assert set(map(str, _json("/find/tt0137523", external_source=source).values())) == {"[]"}


def test_find_of_an_unknown_id_is_empty() -> None:
    """Five empty arrays and no error."""
    assert _json("/find/tt9999999", external_source="imdb_id")["movie_results"] == []


def test_untranslated_texts_are_empty_and_the_title_is_the_original() -> None:
    """Nothing is filled from English."""
    body = _json("/movie/129", language="pl-PL")
    assert (body["overview"], body["tagline"], body["title"]) == ("", "", "千と千尋の神隠し")


def test_a_translated_film_speaks_the_language() -> None:
    """Well-known films are translated into the larger languages."""
    assert "Freundschaft" in _json("/movie/603", language="de-DE")["overview"]


def test_language_filters_images_and_include_image_language_widens() -> None:
    """Without a language all images come."""
    film = next(one.tmdb_id for one in _films() if not {"poster", "fanart"} & one.lacks)

    def languages(**query: str) -> set[str | None]:
        return {image["iso_639_1"] for image in _json(f"/movie/{film}/images", **query)["posters"]}

    assert languages() == {"en", None, "de", "fr"}
    assert languages(language="de") == {"de"}
    assert languages(include_image_language="fr,null") == {"fr", None}
    assert languages(language="en-US", include_image_language="en,null") == {"en", None}
    assert _json(f"/movie/{film}/images", language="en")["backdrops"] != []


def test_search_filters_by_year() -> None:
    """primary_release_year is exact."""
    years = [_json("/search/movie", query="Dune", primary_release_year=year)["results"] for year in ("1984", "2021")]
    assert [[film["id"] for film in found] for found in years] == [[841], [438631]]
    assert _json("/search/movie", query="Dune", primary_release_year="1950")["total_results"] == 0


def test_search_finds_films_of_the_catalog_by_part_of_their_title() -> None:
    """Each run of words that is not in too many titles finds the film, with its year too."""
    for entry in catalog.entries():
        words = catalog.normalised(entry.title).split()
        for start, end in itertools.combinations(range(len(words) + 1), 2):
            part = " ".join(words[start:end])
            for year in ({}, {"primary_release_year": str(entry.year)}, {"year": str(entry.year)}):
                found = _json("/search/movie", query=part, **year)
                ids = {film["id"] for film in found["results"]}
                assert entry.tmdb_id in {None, *ids} or found["total_pages"] > 1, part


def test_search_pages_hold_twenty() -> None:
    """The second page goes on where the first ended."""
    first, second = (_json("/search/movie", query="the", page=page) for page in ("1", "2"))
    assert len(first["results"]) == 20
    assert first["total_pages"] == second["total_pages"] >= 2
    assert not {film["id"] for film in first["results"]} & {film["id"] for film in second["results"]}
    assert _json("/search/movie", query="the", page="500")["results"] == []


def test_adult_films_are_searched_only_on_demand() -> None:
    """include_adult is false by default; details are given anyway."""
    numbers = ((number, LIBRARY.search(f"Late Film {number}", 1990)) for number in range(4000))
    title = next(f"Late Film {number}" for number, found in numbers if len(found) == 1 and found[0].adult)
    assert _json("/search/movie", query=title, year="1990")["results"] == []
    (found,) = _json("/search/movie", query=title, year="1990", include_adult="true")["results"]
    assert _json(f"/movie/{found['id']}")["adult"] is True


def test_realistic_gaps() -> None:
    """Among many films there is each kind of missing value."""
    bodies = [
        _json(f"/movie/{film.tmdb_id}", append_to_response="videos,images,credits,release_dates") for film in _films()
    ]
    assert {None, 0} <= {body["runtime"] for body in bodies}
    assert "" in {body["tagline"] for body in bodies} & {body["overview"] for body in bodies}
    assert None in {body["poster_path"] for body in bodies} & {body["backdrop_path"] for body in bodies}
    assert any(not body["videos"]["results"] for body in bodies)
    assert any(not body["images"]["logos"] for body in bodies)
    assert any(not body["production_companies"] for body in bodies)
    assert any(body["vote_count"] == 0 for body in bodies)


def test_headers() -> None:
    """Content type, caching and a weak ETag that changes with the body."""
    one, other = _get("/movie/550"), _get("/movie/603")
    assert one.headers["Content-Type"] == "application/json;charset=utf-8"
    assert one.headers["Cache-Control"] == "public, max-age=28800"
    assert one.headers["ETag"].startswith('W/"')
    assert one.headers["ETag"] != other.headers["ETag"]
    assert _get("/configuration").headers["Cache-Control"] == "public, max-age=43200"
    assert _get("/search/movie", query="a").headers["Cache-Control"] == "public, max-age=600"


def test_the_key_is_a_parameter_or_a_bearer_token() -> None:
    """Both ways are open; a wrong or missing key is code 7."""
    assert tmdb.key_refused({"api_key": tmdb.KEY}, {}, tmdb.KEY) is None
    assert tmdb.key_refused({}, {"Authorization": f"Bearer {tmdb.KEY}"}, tmdb.KEY) is None
    for query in ({}, {"api_key": "wrong"}):
        refused = tmdb.key_refused(query, {}, tmdb.KEY)
        assert refused is not None
        assert (refused.status, json.loads(refused.body)["status_code"]) == (401, 7)
