"""When to ask again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_enricher.providers.retrying import CAP_SECONDS, backoff, retry_after

NOON = "Sun, 22 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0.0),
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT", "date": NOON}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", "date": NOON}, 0.0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}, None),
        ({"retry-after": "Sun, 99 Nov 2026 12:00:30 GMT", "date": NOON}, None),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    """Seconds, or a date beside the provider's own; anything else says nothing."""
    assert retry_after(headers) == expected


@given(said=st.text(max_size=40), now=st.text(max_size=40))
def test_retry_after_of_any_text(said: str, now: str) -> None:
    """A header of any text gives a time to wait or none."""
    wait = retry_after({"retry-after": said, "date": now})
    assert wait is None or wait >= 0


@pytest.mark.parametrize(("attempt", "longest"), [(0, 0.5), (1, 1.0), (2, 2.0), (9, CAP_SECONDS)])
def test_backoff(attempt: int, longest: float) -> None:
    """Full jitter: any wait between none and the longest, which doubles up to a cap."""
    assert (backoff(attempt, 0.0), backoff(attempt, 0.5), backoff(attempt, 1.0)) == (0.0, longest / 2, longest)
