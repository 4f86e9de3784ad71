"""What TMDB's lists of changes say of a film: changed, unchanged, or not known."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_enricher.changes import Changes

TODAY = date(2026, 11, 22)
DAYS = st.integers(0, 12).map(lambda back: TODAY - timedelta(days=back))


@pytest.mark.parametrize(
    ("film", "back", "told"),
    [(1, 2, True), (2, 2, False), (3, 2, False), (3, 1, True), (1, 3, None), (2, 3, None), (9, 0, True), (9, -5, True)],
)
def test_a_film_is_unchanged_if_no_list_names_it(film: int, back: int, *, told: bool | None) -> None:
    """Of the days from the given one through yesterday; all of them have to be known."""
    days = {TODAY - timedelta(days=1): frozenset({2}), TODAY - timedelta(days=2): frozenset({3, 2})}
    assert Changes(days).unchanged_since(film, TODAY - timedelta(days=back), TODAY) is told


@given(st.dictionaries(DAYS, st.frozensets(st.integers(1, 3), max_size=3)), DAYS, st.integers(1, 3))
def test_more_days_never_make_a_changed_film_unchanged(days: dict[date, frozenset[int]], day: date, film: int) -> None:
    """Looking further back finds more changes, or a day that is not known."""
    changes = Changes(days)
    if changes.unchanged_since(film, day, TODAY) is not True:
        assert changes.unchanged_since(film, day - timedelta(days=1), TODAY) is not True
    known = all(day + timedelta(days=n) in days for n in range((TODAY - day).days))
    assert (changes.unchanged_since(film, day, TODAY) is None) == (not known)
