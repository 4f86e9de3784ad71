"""Films by id and by title."""

from datetime import date

from metarr_sandbox.dice import digest
from metarr_sandbox.film import Film
from metarr_sandbox.library import Library


def _film(tmdb_id: int) -> Film:
    film = Library().by_tmdb_id(tmdb_id)
    assert film is not None
    return film


def test_a_film_is_the_same_in_every_library() -> None:
    """Facts depend on the id alone."""
    assert _film(10_000_007) == _film(10_000_007)
    assert _film(603) == _film(603)


def test_a_film_is_the_same_in_every_process() -> None:
    """Facts do not depend on the process's hash seed: these are written down."""
    film = _film(10_000_007)
    assert (film.imdb_id, film.year) == ("tt0000007", 1932)
    assert digest("written", "down", 1) == 5548318935023207025


def test_a_catalog_film_has_its_true_facts() -> None:
    """Title, year, directors and genres of well-known films are right."""
    film = _film(550)
    assert (film.title, film.year, film.imdb_id, film.directors) == (
        "Fight Club",
        1999,
        "tt0137523",
        ("David Fincher",),
    )
    assert film.released.year == 1999


def test_completeness_differs_between_films() -> None:
    """Some films lack nothing, some lack most of what may be lacked."""
    lacking = sorted(len(_film(10_000_000 + number).lacks) for number in range(1, 400))
    assert lacking[0] == 0
    assert lacking[-1] >= 9


def test_years_lie_in_the_known_range() -> None:
    """A made-up film came out between 1925 and 2025."""
    years = {_film(20_000_000 + number).released for number in range(1, 600)}
    assert date(1925, 1, 1) <= min(years) <= max(years) <= date(2025, 12, 31)


def test_an_unknown_title_finds_a_film_of_that_title_and_year() -> None:
    """A search for a title that is not in the catalog makes one up, which can then be asked for by id."""
    library = Library()
    film = next(found[0] for number in range(9) if (found := library.search(f"My Holiday Film {number}", 1987)))
    assert (film.title.startswith("My Holiday Film"), film.year) == (True, 1987)
    assert film.imdb_number is not None
    assert library.by_tmdb_id(film.tmdb_id) == library.by_imdb_number(film.imdb_number) == film


def test_a_search_gives_the_same_film_again() -> None:
    """The same title and year is the same film in every process, however it is written."""
    first, second = Library().search("Some Film 4", 1999), Library().search("some film 4 ", 1999)
    assert [film.tmdb_id for film in first] == [film.tmdb_id for film in second] != []


def test_the_documented_endings() -> None:
    """... Nowhere finds none, ... Twins finds two different films."""
    library = Library()
    assert library.search("The Road to Nowhere", 1999) == []
    twins = library.search("The Quiet Twins", 1999)
    assert len({film.tmdb_id for film in twins}) == 2
    assert {film.year for film in twins} == {1999}


def test_shares_of_candidates() -> None:
    """Most titles find one film, some none, some two."""
    library = Library()
    counts = [len(library.search(f"Unheard Title {number}", 2001)) for number in range(400)]
    assert 320 < counts.count(1) < 360
    assert counts.count(0) > 20
    assert counts.count(2) > 8


def test_catalog_titles_are_found_by_words_in_them() -> None:
    """A run of words in title or original title is enough, the exact title comes first."""
    library = Library()
    assert [film.tmdb_id for film in library.search("alien")] == [348]
    assert library.search("le fabuleux destin")[0].tmdb_id == 194
    assert library.search("七人の侍")[0].tmdb_id == 346
    assert library.search("Godzilla")[0].year == 1954
    assert {film.year for film in library.search("Pinocchio")} == {2022}
    assert len(library.search("Pinocchio")) == 2
    assert library.search("Our Summer at the Lake") == []


def test_only_the_last_titles_are_remembered() -> None:
    """Memory does not grow with the number of searches."""
    library = Library()
    for number in range(23_000):
        library.search(f"Endless {number}", 1990)
    assert len(library._titles) == 20_000
    assert len(library._films) <= 2_000
