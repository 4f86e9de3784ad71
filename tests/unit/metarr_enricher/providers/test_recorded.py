"""What the providers really answered, read into fields."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from metarr_contracts.movie import ExternalIds
from metarr_enricher.providers import fanart, omdb, tmdb, tmdb_lookup
from metarr_enricher.providers.exchange import Response
from metarr_enricher.providers.outcomes import (
    Found,
    LookedUp,
    NotFound,
    QuotaExhausted,
    Unauthorized,
    Unavailable,
)

Recorded = Callable[..., Response]
HOME = tmdb.Locale("en", "US")
FIGHT_CLUB = "tmdb/movie_550_append-credits-release_dates-external_ids-keywords-images_2025.json"


def values(outcome: object) -> dict[str, Any]:
    """The fields of an answer without their languages."""
    assert isinstance(outcome, Found)
    return {name: answered.value for name, answered in outcome.fields.items()}


def languages(outcome: object) -> dict[str, str | None]:
    """The languages of an answer's fields."""
    assert isinstance(outcome, Found)
    return {name: answered.language for name, answered in outcome.fields.items()}


def test_fight_club_has_all_that_tmdb_tells(recorded: Recorded) -> None:
    """Every field that TMDB can supply is read from one answer with appended blocks."""
    response = recorded(FIGHT_CLUB)
    videos = json.loads(recorded("tmdb/movie_550_videos_lang-en_2022.json").body)
    whole = json.dumps({**json.loads(response.body), "videos": {"results": videos["results"]}}).encode()
    found = tmdb.parse(replace(response, body=whole), HOME)
    read = values(found)
    assert isinstance(found, Found)
    assert found.ids == ExternalIds(imdb="tt0137523", tmdb=550)
    assert read.pop("plot").startswith("A ticking-time-bomb insomniac")
    cast = read.pop("cast")
    assert read == {
        "title": "Fight Club",
        "year": 1999,
        "tagline": "Mischief. Mayhem. Soap.",
        "release_date": "1999-10-15",
        "runtime": 139,
        "content_rating": "R",
        "genres": ["Drama", "Thriller"],
        "tmdb_rating": 8.4,
        "tmdb_votes": 30717,
        "directors": ["David Fincher"],
        "writers": ["Jim Uhls", "Chuck Palahniuk"],
        "studios": [
            "Fox 2000 Pictures",
            "Regency Enterprises",
            "Linson Entertainment",
            "20th Century Fox",
            "Taurus Film",
        ],
        "countries": ["Germany", "United States of America"],
        "poster": "https://image.tmdb.org/t/p/original/jSziioSwPVrOy9Yow3XhWIBDjq1.jpg",
        "fanart": "https://image.tmdb.org/t/p/original/hZkgoQYus5vegHoetLkCJzb17zJ.jpg",
        "clearlogo": "https://image.tmdb.org/t/p/original/7Uqhv24pGJs4Ns31NoOPWFJGWNG.png",
        "trailer": "https://www.youtube.com/watch?v=BdJKm16Co6M",
        "original_title": "Fight Club",
        "original_language": "en",
    }
    assert len(cast) == 20
    assert cast[:2] == [
        {"name": "Edward Norton", "role": "Narrator"},
        {"name": "Brad Pitt", "role": "Tyler Durden"},
    ]


def test_fight_club_in_german(recorded: Recorded) -> None:
    """Texts carry the language that was asked for; pictures, trailers and certificates follow library and region."""
    found = tmdb.parse(recorded(FIGHT_CLUB), tmdb.Locale("de", "DE"))
    read = values(found)
    assert read["content_rating"] == "18"
    spoken = languages(found)
    assert (spoken["plot"], spoken["tagline"], spoken["genres"]) == ("de", "de", "de")
    assert (spoken["poster"], spoken["fanart"], spoken["cast"], spoken["release_date"]) == ("en", None, None, None)


def test_alien_without_appended_blocks(recorded: Recorded) -> None:
    """What was not appended is absent; the collection is named."""
    read = values(tmdb.parse(recorded("tmdb/movie_348_alien_2025.json"), HOME))
    assert read["collection"] == "Alien Collection"
    assert (read["runtime"], read["tmdb_rating"], read["tmdb_votes"]) == (117, 8.2, 15577)
    assert read["studios"] == ["20th Century Fox", "Brandywine Productions"]
    assert not read.keys() & {"cast", "directors", "writers", "content_rating", "clearlogo", "trailer"}


def test_tmdb_ids_are_read_from_both_places(recorded: Recorded) -> None:
    """The IMDb id is taken from the details or from the appended ids."""
    found = tmdb.parse(recorded("tmdb/movie_49521_man-of-steel_append-external_ids_2025.json"), HOME)
    assert isinstance(found, Found)
    assert found.ids == ExternalIds(imdb="tt0770828", tmdb=49521)


def test_tmdb_does_not_know_film_0(recorded: Recorded) -> None:
    """TMDB's code 6 means that there is no such film."""
    assert tmdb.parse(recorded("tmdb/error_404_movie_0_2025.json", 404), HOME) == NotFound()


def test_find_names_the_film(recorded: Recorded) -> None:
    """An IMDb id means the one film that TMDB names."""
    assert tmdb_lookup.parse_find(recorded("tmdb/find_tt0266543_2022.json")) == LookedUp(12)


@pytest.mark.parametrize(
    ("file", "title", "year", "expected"),
    [
        ("man-of-steel_year-2013_2025", "Man of Steel", 2013, 49521),
        ("man-of-steel_year-2013_2025", "man of steel!", 2014, 49521),
        ("the-matrix_2017", "The Matrix", 1999, 603),
        ("the-matrix_2017", "The Matrix", None, 603),
        ("inception_2025", "Inception", 2010, 27205),
        ("inception_2025", "Эхлэл", 1980, 1359046),
    ],
)
def test_search_identifies(recorded: Recorded, file: str, title: str, year: int | None, expected: int) -> None:
    """The title in either language and a year at most one off mean the film."""
    assert tmdb_lookup.parse_search(recorded(f"tmdb/search_movie_{file}.json"), title, year) == LookedUp(expected)


def test_search_offers_candidates(recorded: Recorded) -> None:
    """Two films of one title and no year: a person chooses from at most ten, in TMDB's order."""
    looked_up = tmdb_lookup.parse_search(recorded("tmdb/search_movie_inception_2025.json"), "Inception", None)
    assert isinstance(looked_up, LookedUp)
    assert looked_up.tmdb_id is None
    assert len(looked_up.candidates) == 10
    first = looked_up.candidates[0]
    assert (first.tmdb_id, first.title, first.year) == (27205, "Inception", 2010)
    assert first.poster == "https://image.tmdb.org/t/p/w342/ljsZTbVsrQSqZgWeep2B1QiDKuh.jpg"
    assert first.overview is not None
    assert first.overview.startswith("Cobb, a skilled thief")
    assert looked_up.candidates[2].year is None


def test_search_with_another_title_is_no_identification(recorded: Recorded) -> None:
    """A film whose title only begins alike is a candidate."""
    response = recorded("tmdb/search_movie_jack-reacher_year-2016_2025.json")
    looked_up = tmdb_lookup.parse_search(response, "Jack Reacher", 2016)
    assert isinstance(looked_up, LookedUp)
    assert looked_up.tmdb_id is None
    assert [candidate.tmdb_id for candidate in looked_up.candidates] == [343611]


def test_search_without_results(recorded: Recorded) -> None:
    """Nothing found is an answer."""
    response = recorded("tmdb/search_movie_no-results_2025.json")
    assert tmdb_lookup.parse_search(response, "Meen of Stal", None) == LookedUp()


@pytest.mark.parametrize(
    ("file", "count", "first"),
    [("inception_2025", 10, 27205), ("the-matrix_2017", 20, 603), ("jack-reacher_year-2016_2025", 1, 343611)],
)
def test_search_lists_all_of_a_page(recorded: Recorded, file: str, count: int, first: int) -> None:
    """In TMDB's order, also where the title means exactly one of them."""
    listed = tmdb_lookup.parse_list(recorded(f"tmdb/search_movie_{file}.json"))
    assert isinstance(listed, LookedUp)
    assert (len(listed.candidates), listed.candidates[0].tmdb_id) == (count, first)


@pytest.mark.parametrize("file", ["i_tt0770828_man-of-steel_short_2026", "t_man-of-steel_2026"])
def test_man_of_steel_at_omdb(recorded: Recorded, file: str) -> None:
    """Every field that OMDb can supply is read; the full stop that it lost is back."""
    found = omdb.parse(recorded(f"omdb/{file}.json"))
    read = values(found)
    assert isinstance(found, Found)
    assert found.ids == ExternalIds(imdb="tt0770828")
    assert read.pop("plot").startswith("An alien child is evacuated")
    assert read == {
        "title": "Man of Steel",
        "year": 2013,
        "release_date": "2013-06-14",
        "runtime": 143,
        "content_rating": "PG-13",
        "genres": ["Action", "Adventure", "Sci-Fi"],
        "awards": "Nominated for 1 BAFTA Award. 7 wins & 46 nominations total",
        "imdb_rating": 7.1,
        "imdb_votes": 858780,
        "rotten_tomatoes_score": 57,
        "metacritic_score": 55,
        "directors": ["Zack Snyder"],
        "writers": ["David S. Goyer", "Christopher Nolan", "Jerry Siegel"],
        "cast": [
            {"name": "Henry Cavill", "role": None},
            {"name": "Amy Adams", "role": None},
            {"name": "Michael Shannon", "role": None},
        ],
        "countries": ["United States", "United Kingdom", "Canada"],
        "poster": "https://m.media-amazon.com/images/M/MV5BMTk5ODk1NDkxMF5BMl5BanBnXkFtZTcwNTA5OTY0OQ@@._V1_SX300.jpg",
    }
    spoken = languages(found)
    assert {name for name, language in spoken.items() if language == "en"} == {"title", "plot", "genres", "awards"}


def test_james_bond_2016_at_omdb(recorded: Recorded) -> None:
    """An old answer has no list of ratings, and N/A where it knows nothing."""
    read = values(omdb.parse(recorded("omdb/i_tt4896340_james-bond-2015_2016.json")))
    missing = {"content_rating", "awards", "poster", "metacritic_score", "rotten_tomatoes_score"}
    assert not read.keys() & missing
    assert read["release_date"] == "2015-07-24"
    assert (read["runtime"], read["imdb_rating"], read["imdb_votes"]) == (142, 5.5, 107)
    assert read["writers"] == ["Gopimohan", "Sai Kishore Macha"]


def test_toxic_avenger_2018_at_omdb(recorded: Recorded) -> None:
    """Notes behind the writers' names are left out, and with them the second mention of a name."""
    read = values(omdb.parse(recorded("omdb/i_tt0090190_toxic-avenger_2018.json")))
    assert read["writers"] == ["Lloyd Kaufman", "Joe Ritter", "Gay Partington Terry", "Stuart Strutin"]
    assert (read["rotten_tomatoes_score"], read["metacritic_score"]) == (70, 42)


@pytest.mark.parametrize("file", ["i_tt0460649_series", "episode"])
def test_a_series_or_an_episode_is_no_film(recorded: Recorded, file: str) -> None:
    """OMDb answers for ids of series and episodes too; a film library does not take their values."""
    assert omdb.parse(recorded(f"omdb/{file}.json")) == NotFound()


@pytest.mark.parametrize(
    ("file", "status", "expected"),
    [
        ("error_401_request-limit-reached", 401, QuotaExhausted()),
        ("error_401_request-limit-reached", 200, QuotaExhausted()),
        ("error_401_invalid-api-key", 401, Unauthorized("OMDb refuses the key: Invalid API key!")),
        ("error_401_no-api-key", 401, Unauthorized("OMDb refuses the key: No API key provided.")),
        ("error_200_incorrect-imdb-id", 200, NotFound()),
        ("error_i_tt9999999_error-getting-data_2026", 200, NotFound()),
        ("error_t_movie-not-found_2026", 200, NotFound()),
        ("error_200_something-went-wrong", 200, Unavailable("OMDb has no answer now: Something went wrong.")),
    ],
)
def test_omdb_errors(recorded: Recorded, file: str, status: int, expected: object) -> None:
    """OMDb's errors are told apart by their text."""
    assert omdb.parse(recorded(f"omdb/{file}.json", status)) == expected


def test_fellowship_of_the_ring_at_fanart(recorded: Recorded) -> None:
    """Old http addresses become https; pictures in other languages are better than none."""
    found = fanart.parse(recorded("fanart/movies_120_lotr-fellowship_v3_2015_trimmed.json"), "en")
    base = "https://assets.fanart.tv/fanart/movies/120"
    film = "the-lord-of-the-rings-the-fellowship-of-the-ring"
    assert values(found) == {
        "poster": f"{base}/movieposter/{film}-52ca39328f269.jpg",
        "fanart": f"{base}/moviebackground/{film}-4fdb8b38d794e.jpg",
        "clearlogo": f"{base}/hdmovielogo/{film}-5199eb99bb348.png",
    }
    assert languages(found) == {"poster": "en", "fanart": "en", "clearlogo": "hu"}
    assert isinstance(found, Found)
    assert found.ids == ExternalIds(imdb="tt0120737", tmdb=120)


def test_a_logo_in_the_language_beats_a_larger_one(recorded: Recorded) -> None:
    """A French library takes the French logo, though the Hungarian one is of the better kind."""
    found = fanart.parse(recorded("fanart/movies_120_lotr-fellowship_v3_2015_trimmed.json"), "fr")
    assert "/movielogo/" in values(found)["clearlogo"]


@pytest.mark.parametrize(
    ("file", "status", "expected"),
    [
        ("empty_200_not-found_2026", 200, NotFound()),
        ("error_404_not-found_legacy", 404, NotFound()),
        ("error_401_invalid-key_2026", 401, Unauthorized("fanart.tv refuses the key: invalid API key")),
        ("error_no-key_2018", 200, Unauthorized("fanart.tv refuses the key: API key is required")),
        ("error_no-key_2018", 403, Unauthorized("fanart.tv refuses the key: API key is required")),
    ],
)
def test_fanart_errors(recorded: Recorded, file: str, status: int, expected: object) -> None:
    """fanart.tv's errors of old and new servers."""
    assert fanart.parse(recorded(f"fanart/{file}.json", status), "en") == expected
