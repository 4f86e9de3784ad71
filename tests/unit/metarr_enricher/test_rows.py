"""Rows of an import are checked field by field; a bad row is an answer and names the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_contracts.library import AddMovie
from metarr_contracts.movie import ExternalIds
from metarr_enricher.rows import BadRow, CheckedRow, check

TEXTS = st.none() | st.text(max_size=30) | st.integers().map(str)


@given(st.builds(AddMovie, title=TEXTS, year=TEXTS | st.integers(), imdb_id=TEXTS, tmdb_id=TEXTS | st.integers()))
def test_every_row_is_read_or_refused(row: AddMovie) -> None:
    """Checking never raises; what is read has a title or an id, and reads the same when it is checked again."""
    read = check(row)
    if isinstance(read, BadRow):
        assert read.field in ("title", "year", "imdbId", "tmdbId")
        return
    assert read.title or read.ids != ExternalIds()
    again = check(AddMovie(title=read.title, year=read.year, imdb_id=read.ids.imdb, tmdb_id=read.ids.tmdb))
    assert again == CheckedRow(read.title, read.year, read.ids)


@pytest.mark.parametrize(
    ("row", "read"),
    [
        (AddMovie(title="The Matrix", year=1999), CheckedRow("The Matrix", 1999, ExternalIds())),
        (AddMovie(title="  The   Matrix\t", year=" 1999 "), CheckedRow("The Matrix", 1999, ExternalIds())),
        (AddMovie(title="Alien"), CheckedRow("Alien", None, ExternalIds())),
        (AddMovie(imdb_id="tt0133093"), CheckedRow(None, None, ExternalIds(imdb="tt0133093"))),
        (AddMovie(tmdb_id="603"), CheckedRow(None, None, ExternalIds(tmdb=603))),
        (AddMovie(title="Alien", tmdb_id=0), CheckedRow("Alien", None, ExternalIds())),
        (AddMovie(title="Alien", tmdb_id="", imdb_id=" ", year=""), CheckedRow("Alien", None, ExternalIds())),
        (AddMovie(title="卧虎藏龙", year=2000), CheckedRow("卧虎藏龙", 2000, ExternalIds())),
    ],
)
def test_a_good_row_is_read(row: AddMovie, read: CheckedRow) -> None:
    """Blanks are no part of a value; numbers may be written as text."""
    assert check(row) == read


@pytest.mark.parametrize("written", ["tt133093", "TT0133093", "133093", "tt000133093"])
def test_an_imdb_id_in_another_form_is_read_and_noted(written: str) -> None:
    """The canonical form is `tt` and seven digits; the person is told what was made of it."""
    read = check(AddMovie(imdb_id=written))
    assert read == CheckedRow(None, None, ExternalIds(imdb="tt0133093"), f"IMDb id {written} read as tt0133093")


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (AddMovie(), "title", "a title, an IMDb id or a TMDB id"),
        (AddMovie(title=" ", tmdb_id=0), "title", "a title, an IMDb id or a TMDB id"),
        (AddMovie(title="A" * 501), "title", "at most 500 characters, found 501"),
        (AddMovie(title="A\x00B"), "title", "without control characters"),
        (AddMovie(title="A", year="nineteen"), "year", "a year from 1870 to 2200, found 'nineteen'"),
        (AddMovie(title="A", year=1869), "year", "a year from 1870 to 2200, found '1869'"),
        (AddMovie(title="A", year="२०००"), "year", "a year from"),
        (AddMovie(title="A", year=-1999), "year", "a year from"),
        (AddMovie(title="A", imdb_id="nm0000206"), "imdbId", "such as tt0133093, found 'nm0000206'"),
        (AddMovie(title="A", imdb_id="tt0"), "imdbId", "such as tt0133093"),
        (AddMovie(title="A", tmdb_id="six"), "tmdbId", "a positive number such as 603, found 'six'"),
        (AddMovie(title="A", tmdb_id=-1), "tmdbId", "a positive number"),
        (AddMovie(title="A", tmdb_id=2**31), "tmdbId", "a positive number"),
    ],
)
def test_a_bad_row_names_the_field_and_what_was_expected(row: AddMovie, field: str, reason: str) -> None:
    """The first field that is wrong."""
    read = check(row)
    assert isinstance(read, BadRow)
    assert read.field == field
    assert reason in read.reason
