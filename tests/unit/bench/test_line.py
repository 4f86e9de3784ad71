"""How straight something grows."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bench.line import Line, fitted


def test_what_grows_evenly_is_a_line() -> None:
    """Values on a line have its slope, and none is off it."""
    line = fitted([10, 13, 16, 19])

    assert line.slope == pytest.approx(3)
    assert line.explained == pytest.approx(1)
    assert line.farthest == pytest.approx(0)


def test_the_worst_value_is_told_as_a_part_of_the_growth() -> None:
    """One value that is off shows, by how much of the whole growth."""
    line = fitted([0, 0, 30, 30])

    assert line.slope == pytest.approx(12)
    assert line.explained == pytest.approx(0.8)
    assert line.farthest == pytest.approx(9 / 36)


def test_what_does_not_grow_is_a_line_too() -> None:
    """Nothing is added, and nothing is off."""
    assert fitted([7, 7, 7]) == Line(0.0, 1.0, 0.0)


def test_what_comes_and_goes_is_no_growth() -> None:
    """Where the line does not grow, what is off it is more than any part of the growth."""
    assert fitted([0, 5, 0]).farthest == inf


@given(st.integers(-1000, 1000), st.integers(1, 1000), st.integers(2, 50))
def test_every_line_is_found(start: int, slope: int, count: int) -> None:
    """Whatever its start and slope."""
    found = fitted([start + slope * place for place in range(count)])

    assert found.slope == pytest.approx(slope)
    assert found.farthest == pytest.approx(0, abs=1e-6)
