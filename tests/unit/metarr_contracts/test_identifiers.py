"""Canonical ids and titles."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_contracts.identifiers import canonical_imdb_id, normalise_title, parse_movie_id, title_key

TITLES = [
    ("Amélie", "amelie"),
    ("Ame\u0301lie", "amelie"),
    ("Die weiße Rose", "die weisse rose"),
    ("DIE WEISSE ROSE", "die weisse rose"),
    ("Иди и смотри", "иди и смотри"),
    ("ИДИ И СМОТРИ", "иди и смотри"),
    ("千と千尋の神隠し", "千と千尋の神隠し"),
    ("花样年华", "花样年华"),
    ("Fast & Furious", "fast and furious"),
    ("Fast and Furious", "fast and furious"),
    ("Ocean's Eleven", "oceans eleven"),
    ("Ocean\u2019s Eleven", "oceans eleven"),
    ("  The\t Matrix  ", "the matrix"),
    ("Spider-Man: No Way Home", "spider man no way home"),
    ("WALL·E", "wall e"),
    ("\uff28\uff45\uff41\uff54", "heat"),
    ("8½", "81 2"),
    ("№ 7", "no 7"),
    ("ガス", "ガス"),
    ("दिल", "दिल"),
    ("ที่รัก", "ที่รัก"),
    ("…", ""),
    ("", ""),
]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("tt0133093", "tt0133093"),
        ("tt420238", "tt0420238"),
        ("tt00293564", "tt0293564"),
        ("TT0133093", "tt0133093"),
        ("0133093", "tt0133093"),
        (" tt0133093\n", "tt0133093"),
        ("tt10872600", "tt10872600"),
        ("1", "tt0000001"),
    ],
)
def test_imdb_ids_are_padded_to_seven_digits(written: str, canonical: str) -> None:
    """`tt` and the number, padded to seven digits; longer numbers stay as they are."""
    assert canonical_imdb_id(written) == canonical


@pytest.mark.parametrize(
    "text", ["", "tt", "tt0000000", "0", "nm0000206", "tt01x3", "tt-1", "tt 133093", "tt12345678901"]
)
def test_other_texts_are_no_imdb_ids(text: str) -> None:
    """What is no IMDb id is refused with the form that is expected."""
    with pytest.raises(ValueError, match="tt0133093"):
        canonical_imdb_id(text)


@given(st.integers(1, 9_999_999_999))
def test_canonical_imdb_ids_stay(number: int) -> None:
    """The canonical form of a canonical id is itself, and keeps the number."""
    canonical = canonical_imdb_id(str(number))

    assert canonical_imdb_id(canonical) == canonical
    assert int(canonical[2:]) == number


@pytest.mark.parametrize(("token", "movie_id"), [("1", 1), ("123", 123), ("999999999", 999_999_999)])
def test_movie_ids_are_read(token: str, movie_id: int) -> None:
    """A film's id is a plain number from 1."""
    assert parse_movie_id(token) == movie_id


@pytest.mark.parametrize(
    "token", ["001", "+1", "-1", "0", "", " 1", "1 ", "1\n", "1٣", "1.0", "1e3", "1_0", "abc", "1234567890"]
)
def test_other_tokens_are_no_movie_ids(token: str) -> None:
    """A film has one subject only: other forms of its number are refused."""
    assert parse_movie_id(token) is None


@pytest.mark.parametrize(("title", "normal"), TITLES)
def test_titles_are_compared_without_case_accents_and_punctuation(title: str, normal: str) -> None:
    """Titles that a person would call the same have one form; letters of every script stay."""
    assert normalise_title(title) == normal


@given(st.text())
def test_normal_titles_hold_words_and_single_blanks(title: str) -> None:
    """Nothing but letters and digits, one blank between words."""
    normal = normalise_title(title)

    assert normal == " ".join(normal.split())
    assert all(c == " " or c.isalnum() or unicodedata.category(c).startswith("M") for c in normal)


@given(st.text(), st.none() | st.integers(1870, 2200))
def test_title_keys_are_subject_tokens(title: str, year: int | None) -> None:
    """One token: no dots, blanks or wildcards, whatever the title."""
    assert all(character in "0123456789abcdef" for character in title_key(title, year))
    assert title_key(title, year)


def test_title_keys_tell_films_apart() -> None:
    """Title and year together are the key; a title of signs alone has one of its own."""
    keys = [("Solaris", 1972), ("Solaris", 2002), ("Solaris", None), ("…", 2002), ("!", 2002)]

    assert len({title_key(title, year) for title, year in keys}) == len(keys)
    assert title_key("Fast & Furious", 2009) == title_key("fast and  furious", 2009)
