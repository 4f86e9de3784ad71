"""The catalog and the demo library made of it."""

from collections import Counter

from metarr_sandbox import catalog, words
from metarr_sandbox.catalog import demo_library, normalised


def test_the_demo_library_offers_every_way_of_knowing_a_film() -> None:
    """There are films with both ids, with one of them, and with a title only."""
    kinds = Counter(("imdbId" in row, "tmdbId" in row) for row in demo_library())
    assert sum(kinds.values()) > 100
    assert kinds[True, True] > 50
    assert kinds[True, False] > 5
    assert kinds[False, True] > 5
    assert kinds[False, False] > 5


def test_rows_have_title_and_year() -> None:
    """Every import row can stand alone."""
    assert all(row["title"] and isinstance(row["year"], int) for row in demo_library())


def test_one_title_fits_two_films_and_one_fits_none() -> None:
    """The demo shows a choice between candidates and a film that nobody knows."""
    titles = {row["title"] for row in demo_library() if "imdbId" not in row and "tmdbId" not in row}
    assert {"Pinocchio", "Our Summer at the Lake"} <= titles


def test_ids_are_unique_and_words_are_known() -> None:
    """No id stands twice, and every genre, language and country has a name."""
    entries = catalog.entries()
    assert len(catalog.by_tmdb_id()) == len([one for one in entries if one.tmdb_id])
    assert len(catalog.by_imdb_number()) == len([one for one in entries if one.imdb_number])
    assert {genre for one in entries for genre in one.genres} <= set(words.GENRES)
    assert {one.language for one in entries} <= set(words.LANGUAGES)
    assert {code for one in entries for code in one.countries} <= set(words.COUNTRIES)


def test_titles_are_compared_without_case_accents_and_marks() -> None:
    """Amélie is found as amelie; a title of other script or of marks only stays itself."""
    assert normalised("  AMÉLIE! ") == "amelie"
    assert normalised("WALL·E") == "wall e"
    assert normalised("Face/Off") == "face off"
    assert normalised("七人の侍")
    assert normalised("!!!") == "!!!"
