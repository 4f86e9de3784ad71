"""The list of films as SQL."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from metarr_contracts.readmodels import MovieListQuery
from metarr_projector.listing import InvalidQueryError, Statement, listing, write_cursor

FILMS = 100_000


def _parts(hits: int = 0, **query: Any) -> list[Statement]:
    return list(listing(MovieListQuery(**query)).parts(hits, FILMS))


def _tail(statement: Statement) -> str:
    """What comes after the table's name."""
    return statement.sql.split("FROM live.movie ", 1)[1]


def test_first_page_takes_one_more() -> None:
    """One film more than the page tells whether there is another page."""
    (part,) = _parts(sort="completeness", limit=20)
    assert _tail(part) == "ORDER BY completeness asc, id asc LIMIT $1"
    assert part.arguments == [21]


def test_films_without_the_value_come_last_in_both_orders() -> None:
    """Films without a year are a second part by id, along the same index, whatever the order of the first."""
    with_year, without = _parts(sort="year", order="desc")
    assert _tail(with_year) == "WHERE year IS NOT NULL ORDER BY year desc, id desc LIMIT $1"
    assert _tail(without) == "WHERE year IS NULL ORDER BY year desc, id desc LIMIT $1"


def test_next_page_begins_after_the_last_film() -> None:
    """Value and id together, so that films of the same year are neither lost nor repeated."""
    query = MovieListQuery(sort="year", order="desc")
    with_year, without = _parts(sort="year", order="desc", cursor=write_cursor(query, 1999, 7))
    assert _tail(with_year) == "WHERE year IS NOT NULL AND (year, id) < ($1, $2) ORDER BY year desc, id desc LIMIT $3"
    assert with_year.arguments == [1999, 7, 51]
    assert "id <" not in without.sql


def test_next_page_among_films_without_the_value() -> None:
    """Once the films with a year are through, they are not looked at again."""
    query = MovieListQuery(sort="year")
    (without,) = _parts(sort="year", cursor=write_cursor(query, None, 7))
    assert _tail(without) == "WHERE year IS NULL AND (id) > ($1) ORDER BY year asc, id asc LIMIT $2"
    assert without.arguments == [7, 51]


def test_cursor_of_a_time_keeps_microseconds() -> None:
    """A time in a cursor is the time that was sorted by."""
    moment = datetime(2026, 11, 22, 3, 0, 0, 123456, tzinfo=UTC)
    query = MovieListQuery(sort="added")
    (part,) = _parts(sort="added", cursor=write_cursor(query, moment, 7))
    assert part.arguments == [moment, 7, 51]


def test_sort_by_id() -> None:
    """The id alone is the key."""
    query = MovieListQuery(sort="id")
    (part,) = _parts(sort="id", cursor=write_cursor(query, 7, 7))
    assert _tail(part) == "WHERE (id) > ($1) ORDER BY id asc LIMIT $2"


def test_filter_missing_and_search_go_together() -> None:
    """All conditions hold, for the page as for the total; what was typed travels as a parameter."""
    query: dict[str, Any] = {"filter": "limited", "missing": "plot", "search": "MATRIX: the", "sort": "id"}
    total = listing(MovieListQuery(**query)).total
    assert total is not None
    assert total.arguments == ["plot", "'matrix':* & 'the':*"]
    assert total.sql == (
        "SELECT count(*) FROM live.movie WHERE limited <> '{}' AND $1 = ANY(missing) AND "
        "id IN (SELECT movie_id FROM live.movie_words WHERE words @@ $2::tsquery OFFSET 0)"
    )
    (part,) = _parts(**query)
    assert part.arguments == ["plot", "'matrix':* & 'the':*", 51]
    assert part.sql.endswith("$2::tsquery)) ORDER BY id asc LIMIT $3")


@pytest.mark.parametrize(("hits", "looked_up"), [(0, True), (2_000, True), (2_500, False), (FILMS, False)])
def test_many_hits_are_met_in_order_and_few_looked_up(hits: int, *, looked_up: bool) -> None:
    """A page of 50 lies among 50 x films / hits; where that is less than all hits, films are gone through in order."""
    (part, _) = _parts(hits, search="the")
    assert ("id = ANY(ARRAY(" in part.sql) == looked_up
    assert ("movie_id = movie.id" in part.sql) != looked_up


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("all", ["enriched", "partial", "unenriched"]),
        ("incomplete", ["partial", "unenriched"]),
        ("enriched", ["enriched"]),
        ("partial", ["partial"]),
        ("unenriched", ["unenriched"]),
    ],
)
def test_the_counters_know_how_many_films_a_band_has(name: Any, columns: list[str]) -> None:
    """Nothing is counted for a filter by completeness, alone or among the films that lack a field."""
    found = listing(MovieListQuery(filter=name))
    assert (list(found.counters), found.hits, found.total) == (columns, None, None)
    among = listing(MovieListQuery(filter=name, missing="plot"))
    assert (list(among.counters), among.hits) == ([], None)
    assert among.total is not None
    assert "FROM live.library_missing" in among.total.sql
    assert list(among.total.arguments) == ["plot", tuple(columns)]


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "limited"},
        {"filter": "unidentified"},
        {"filter": "limited", "missing": "plot"},
        {"search": "matrix", "missing": "plot"},
        {"search": "matrix", "filter": "enriched"},
    ],
)
def test_what_no_counter_knows_is_counted(query: dict[str, Any]) -> None:
    """By the same conditions as for the page."""
    found = listing(MovieListQuery(**query))
    assert not found.counters
    assert found.total is not None
    assert "FROM live.movie WHERE" in found.total.sql


def test_hits_are_found_once_before_they_are_counted() -> None:
    """Not film by film: however many hits the server expects, and whether an index knows the films of the filter."""
    band = listing(MovieListQuery(search="ma", filter="incomplete")).total
    missing = listing(MovieListQuery(search="ma", missing="plot")).total
    assert band is not None
    assert missing is not None
    assert "OFFSET 0)" in band.sql
    assert "= ANY(ARRAY(SELECT" in missing.sql


def test_hits_of_a_search_alone_are_the_total() -> None:
    """What the words find is counted once, among the words alone."""
    found = listing(MovieListQuery(search="matrix"))
    assert (list(found.counters), found.total) == ([], None)
    assert found.hits == Statement("SELECT count(*) FROM live.movie_words WHERE words @@ $1::tsquery", ["'matrix':*"])


@pytest.mark.parametrize("search", ["!!!", "_", "' !"])
def test_search_without_letters_finds_nothing(search: str) -> None:
    """Whoever types punctuation does not mean the whole library."""
    found = listing(MovieListQuery(search=search, sort="id"))
    assert (list(found.counters), found.hits) == ([], None)
    assert found.total == Statement("SELECT count(*) FROM live.movie WHERE false", [])
    (part,) = _parts(search=search, sort="id")
    assert "WHERE false " in part.sql


@pytest.mark.parametrize("search", ["", "  "])
def test_blank_search_leaves_all(search: str) -> None:
    """An empty field is no search."""
    assert list(listing(MovieListQuery(search=search)).counters) == ["enriched", "partial", "unenriched"]
    assert "words" not in _parts(search=search)[0].sql


@pytest.mark.parametrize("field", ["title", "imdb_votes", "nonsense", ""])
def test_missing_has_to_be_a_field_that_counts(field: str) -> None:
    """A typing error is not an empty list."""
    with pytest.raises(InvalidQueryError) as refused:
        listing(MovieListQuery(missing=field))
    assert refused.value.field == "missing"


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "%%%",
        "é",
        _cursor("[]"),
        _cursor('{"sort":"title","order":"desc","value":"a","id":1}'),
        _cursor('{"sort":"year","order":"asc","value":1999,"id":1}'),
        _cursor('{"sort":"title","order":"asc","value":1999,"id":1}'),
        _cursor('{"sort":"title","order":"asc","value":"a\\u0000","id":1}'),
        _cursor('{"sort":"title","order":"asc","value":"a","id":0}'),
        _cursor('{"sort":"title","order":"asc","value":"a","id":9223372036854775808}'),
    ],
)
def test_cursor_that_was_not_given_out(cursor: str) -> None:
    """Whatever is sent as a cursor, the answer is that it is none, and never an error of the database."""
    with pytest.raises(InvalidQueryError) as refused:
        listing(MovieListQuery(cursor=cursor))
    assert refused.value.field == "cursor"
