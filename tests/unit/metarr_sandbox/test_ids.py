"""Ids belong together in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_sandbox import catalog, ids


@given(st.integers(min_value=1, max_value=99_999_999))
def test_an_imdb_number_leads_to_a_tmdb_id_and_back(number: int) -> None:
    """The mapping of made-up ids is one to one."""
    tmdb_id = ids.tmdb_id_of(number)
    if tmdb_id is not None and number not in catalog.by_imdb_number():
        assert ids.imdb_number_of(tmdb_id) == number


@given(st.integers(min_value=1, max_value=99_999_999))
def test_a_tmdb_id_leads_to_an_imdb_number_and_back(tmdb_id: int) -> None:
    """The mapping of made-up ids is one to one, from the other side too."""
    number = ids.imdb_number_of(tmdb_id)
    if number is not None:
        assert ids.tmdb_id_of(number) == tmdb_id


def test_catalog_films_have_their_true_ids() -> None:
    """Fight Club is 550 and tt0137523, and no made-up film takes either."""
    assert ids.tmdb_id_of(137523) == 550
    assert ids.imdb_number_of(10_137_523) is None
    assert ids.tmdb_id_of(90_000_550) is None


def test_the_documented_examples() -> None:
    """tt0000001 is 10,000,001; TMDB id 7,000,000 is tt97000000; tt9999999 is nobody."""
    assert ids.tmdb_id_of(1) == 10_000_001
    assert ids.imdb_number_of(7_000_000) == 97_000_000
    assert ids.tmdb_id_of(9_999_999) is None
    assert ids.imdb_number_of(0) is None


@pytest.mark.parametrize("text", ["tt123", "0137523", "tt01375²3", "tt123456789", "", "nm0137523", "ttabcdefg"])
def test_malformed_imdb_ids_are_refused(text: str) -> None:
    """An IMDb id is tt and seven or eight digits."""
    assert ids.parse_imdb_id(text) is None


@pytest.mark.parametrize(("provider", "percent"), [("tmdb", 1), ("omdb", 1), ("fanart", 8)])
def test_the_share_of_unknown_films(provider: str, percent: int) -> None:
    """About 1 % are unknown to TMDB and OMDb each, about 8 % to fanart.tv."""
    unknown = sum(not ids.known_to(provider, tmdb_id) for tmdb_id in range(10_000_000, 10_005_000))
    assert 0.7 * percent < unknown / 50 < 1.3 * percent
