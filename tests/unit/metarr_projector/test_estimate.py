"""How long a run would take."""

import pytest

from metarr_projector.estimate import FIRST, Pace, estimated_duration


@pytest.mark.parametrize(
    ("films", "remaining", "pace", "seconds"),
    [
        (1_500, [None, None, None], FIRST, 75),
        (1_501, [], FIRST, 76),
        (0, [], FIRST, 1),
        (1_500, [None, 200], FIRST, 10),
        (1_500, [0, 200, 100], FIRST, 5),
        (1_500, [0], FIRST, 75),
        (1_500, [90_000], FIRST, 75),
        (1_500, [], Pace(seconds=2_700, films=1_500), 2_700),
        (1_523, [], Pace(seconds=2_700, films=1_500), 2_742),
        (100_000, [], Pace(seconds=0, films=10), 1),
    ],
)
def test_estimate(films: int, remaining: list[int | None], pace: Pace, seconds: int) -> None:
    """All films, or as many as the smallest known quota allows, at the pace of the last run; rounded up, never 0."""
    assert estimated_duration(films, remaining, pace) == seconds
