"""Which film a row means, decided from who holds its keys."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.metarr_enricher.films import MATRIX

from metarr_contracts.movie import ExternalIds
from metarr_enricher.identity import Clash, Known, Unknown, resolve
from metarr_enricher.keys import Claim, Key, keys_of
from metarr_enricher.movie_state import INITIAL, MovieState

NOW = datetime(2025, 11, 22, tzinfo=UTC)
HERE = MovieState(added=True, ids=MATRIX)
BARE = MovieState(added=True)
GONE = MovieState(added=True, removed=True, ids=MATRIX)


def imdb(movie_id: int | None, version: int = 3) -> Claim:
    """The claim on the row's IMDb id."""
    return Claim(Key("imdb", "tt0133093"), movie_id, version, NOW)


def tmdb(movie_id: int | None, version: int = 3) -> Claim:
    """The claim on the row's TMDB id."""
    return Claim(Key("tmdb", "603"), movie_id, version, NOW)


def title(movie_id: int | None) -> Claim:
    """The claim on the row's title and year."""
    return Claim(Key("title", "abc"), movie_id, 3)


@pytest.mark.parametrize("claims", [[imdb(1), tmdb(1)], [imdb(1), tmdb(None)], [imdb(None), tmdb(1)]])
def test_the_film_that_holds_a_key_is_meant(claims: list[Claim]) -> None:
    """Whichever of the row's ids leads to it."""
    assert resolve(MATRIX, claims, {1: HERE}, NOW) == Known(1)


def test_a_film_known_by_its_title_is_meant() -> None:
    """A row without ids means the film of that title and year."""
    assert resolve(ExternalIds(), [title(1)], {1: BARE}, NOW) == Known(1)


def test_ids_of_two_films_clash() -> None:
    """The row is told which id belongs to which film."""
    clash = resolve(MATRIX, [imdb(1), tmdb(2)], {1: BARE, 2: BARE}, NOW)
    assert clash == Clash(1, "tmdbId", "imdbId belongs to film 1 and tmdbId belongs to film 2")


@pytest.mark.parametrize(
    ("ids", "field"),
    [(ExternalIds(imdb="tt0133093", tmdb=7), "tmdbId"), (ExternalIds(imdb="tt0000007", tmdb=603), "imdbId")],
)
def test_a_film_with_another_id_clashes(ids: ExternalIds, field: str) -> None:
    """One id is the film's, the other is not: the row mixes up two films."""
    clash = resolve(ids, [imdb(1), tmdb(None)], {1: HERE}, NOW)
    assert isinstance(clash, Clash)
    assert (clash.movie_id, clash.field) == (1, field)


def test_a_new_film_takes_all_its_keys() -> None:
    """Nobody holds them."""
    claims = (imdb(None), tmdb(None))
    assert resolve(MATRIX, claims, {}, NOW) == Unknown(None, claims, MATRIX)


def test_a_removed_film_holds_nothing() -> None:
    """Its claims are taken over at their version; the new film gets a new id."""
    claims = (imdb(1, 8), tmdb(1, 9))
    assert resolve(MATRIX, claims, {1: GONE}, NOW) == Unknown(None, claims, MATRIX)


def test_a_claim_of_a_film_that_was_never_added_is_a_reservation() -> None:
    """Who claimed it crashed before it was added, or is just doing it: the film gets that id."""
    assert resolve(MATRIX, [imdb(5), tmdb(None)], {5: INITIAL}, NOW) == Unknown(5, (tmdb(None),), MATRIX)


def test_two_reservations_are_two_films() -> None:
    """An id that is reserved for another film is left to it."""
    new = resolve(MATRIX, [imdb(5), tmdb(6)], {5: INITIAL, 6: INITIAL}, NOW)
    assert new == Unknown(5, (), ExternalIds(imdb="tt0133093"))


def test_an_old_claim_that_its_film_does_not_use_counts_for_nothing() -> None:
    """An identification that crashed between claim and fact keeps nobody from the id for long."""
    claims = (imdb(1), tmdb(None))
    assert resolve(MATRIX, claims, {1: BARE}, NOW) == Known(1)
    assert resolve(MATRIX, claims, {1: BARE}, NOW + timedelta(hours=1)) == Unknown(None, claims, MATRIX)


def test_keys_are_the_ids_or_else_the_title() -> None:
    """A film with an id is not known by its title: two films may have the same one."""
    assert [key.kind for key in keys_of(MATRIX, "The Matrix", 1999)] == ["imdb", "tmdb"]
    [key] = keys_of(ExternalIds(), "The Matrix", 1999)
    assert key.kind == "title"
    assert keys_of(ExternalIds(), "the  MATRIX!", 1999) == (key,)
    assert keys_of(ExternalIds(), "The Matrix", 2003) != (key,)
    assert all(" " not in key.subject and len(key.subject.split(".")) == 5 for key in keys_of(MATRIX))
