"""What a person may set a field to."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from metarr_contracts.base import Json
from metarr_contracts.fields import FIELDS
from metarr_enricher.own_values import MAX_ITEMS, READERS, own_title, own_value

NEO: Json = {"name": "Keanu Reeves", "role": "Neo"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "role", "x"]), inner),
)


def test_every_field_has_its_rule() -> None:
    """Title and year have members of their own."""
    assert READERS.keys() == FIELDS.keys() - {"title", "year"}


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("plot", " A\n\tB ", "A\n\tB"),
        ("tagline", " A ", "A"),
        ("release_date", "1999-03-31", "1999-03-31"),
        ("runtime", 136, 136),
        ("imdb_rating", 10, 10.0),
        ("tmdb_rating", 8.25, 8.2),
        ("metacritic_score", 0, 0),
        ("imdb_votes", 2**31 - 1, 2**31 - 1),
        ("genres", [" Action ", "Drama", "Action"], ["Action", "Drama"]),
        (
            "cast",
            [NEO, {"name": " B ", "role": None}, {"name": "C"}],
            [NEO, *({"name": n, "role": None} for n in "BC")],
        ),
        ("poster", " https://image.tmdb.org/t/p/a.jpg ", "https://image.tmdb.org/t/p/a.jpg"),
        ("trailer", "https://www.youtube.com/watch?v=a-_1&t=3", "https://www.youtube.com/watch?v=a-_1&t=3"),
    ],
)
def test_a_good_value_is_kept_in_its_canonical_form(field: str, value: Json, kept: Json) -> None:
    """Trimmed, each name once, ratings with one decimal."""
    assert own_value(field, value) == kept


@pytest.mark.parametrize("field", sorted(READERS))
@pytest.mark.parametrize("value", [None, "", " \n", "N/A", [], {}])
def test_what_says_nothing_clears(field: str, value: Json) -> None:
    """Whatever the field."""
    assert own_value(field, value) is None


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("plot", [1, True, ["a"], "a\x00", "\x00", "a\x7f", "a\ud800", "a" * 10_001]),
        ("tagline", ["a\nb", "a\tb", "a\x85", {"a": 1}]),
        ("release_date", ["1999-02-29", "1999", "31 Mar 1999", "19990331", 19990331]),
        ("runtime", [0, 6001, -1, True, False, 1.5, "136"]),
        ("imdb_rating", [0, 0.01, 10.1, -1, True, False, "8.7", 10**400, float("inf"), float("nan")]),
        ("rotten_tomatoes_score", [-1, 101, 50.0, True, "87%"]),
        ("tmdb_votes", [-1, 2**31, True, "5"]),
        ("genres", ["Action", [""], [" "], [1], [None], ["a\nb"], ["a" * 301], ["a"] * (MAX_ITEMS + 1), {"a": 1}]),
        ("cast", ["Neo", ["Neo"], [{}], [{"name": ""}], [{"name": 1}], [{"name": "A", "role": 1}]]),
        ("cast", [[{"name": "A", "role": ""}], [{"name": "A", "x": 1}], [NEO] * (MAX_ITEMS + 1)]),
        ("poster", ["http://a.org/b", "javascript:alert(1)", "https://", "https:///a", "https://a.org/b c"]),
        ("poster", ["https://a.org/\x00", 'https://a.org/"', "https://a@b.org/", "https://a.org/" + "a" * 1000, 1]),
        ("title", ["A", None]),
        ("year", [1999, None]),
    ],
)
def test_a_bad_value_is_refused(field: str, values: list[Json]) -> None:
    """With a sentence that says what was expected."""
    for value in values:
        with pytest.raises(ValueError, match=r"expected|not set through fields"):
            own_value(field, value)


@for_all(st.sampled_from(sorted(READERS)), JSON)
def test_a_kept_value_is_canonical(field: str, value: Json) -> None:
    """Any JSON is refused or kept, and what is kept would be kept as it is."""
    try:
        kept = own_value(field, value)
    except ValueError as error:
        assert "expected" in str(error)  # noqa: PT017 - most values are refused, some are kept
    else:
        assert own_value(field, kept) == kept


@pytest.mark.parametrize("title", ["", " ", "A\nB", "A\x00", "\x85"])
def test_a_title_says_something(title: str) -> None:
    """On one line."""
    assert own_title(" Heat ") == "Heat"
    with pytest.raises(ValueError, match="expected a text"):
        own_title(title)
