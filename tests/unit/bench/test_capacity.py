"""The model of capacity that docs/scale.md shows."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bench.capacity import NIGHT_BYTES, NIGHTS, needs, table

PAGE = Path(__file__).parents[3] / "docs" / "scale.md"


def test_the_page_shows_what_the_model_says() -> None:
    """After a new measurement the page is written anew: `python -m tests.bench.capacity`."""
    assert table() in PAGE.read_text(encoding="utf-8")


@given(st.integers(1, 1_000), st.integers(1, 10_000))
def test_what_is_needed_grows_with_the_films(libraries: int, films: int) -> None:
    """Twice as many libraries need twice as much; a single one of as many films saves what each has for itself."""
    some, twice, one = needs(libraries, films), needs(2 * libraries, films), needs(1, libraries * films)

    assert twice.streams_gb == pytest.approx(2 * some.streams_gb)
    assert twice.processor_hours == pytest.approx(2 * some.processor_hours)
    assert one.memory_gb == pytest.approx(some.memory_gb)
    assert some.events_gb - one.events_gb == pytest.approx((libraries - 1) * NIGHTS * NIGHT_BYTES / 1e9)
