"""How long a run would take."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.metarr_projector.run_histories import counts_of

from metarr_contracts.bulk import RunCounts
from metarr_projector.estimate import FIRST, Pace, estimated_duration, fresh_since, remaining_duration


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


@pytest.mark.parametrize(
    ("counts", "elapsed", "seconds"),
    [
        (counts_of(100, 20), 10, 40),
        (counts_of(100, 10, 6, 4), 10, 40),
        (counts_of(100, 0, 20), 10, 40),
        (counts_of(100, 30), 10, 24),
        (counts_of(1_523, 517, 122, 1), 1_260, 1_739),
        (counts_of(100, 10), 0.25, 3),
        (counts_of(100, 60, 40), 10, 0),
        (counts_of(100, 9), 10, None),
        (counts_of(100, 3, 3, 3), 10, None),
        (counts_of(5, 5), 10, None),
        (counts_of(0), 10, None),
        (counts_of(100, 50), 0, None),
    ],
)
def test_what_remains_of_a_run(counts: RunCounts, elapsed: float, seconds: int | None) -> None:
    """The films that remain at the pace of those looked at; rounded up; unknown before ten, and before time passes."""
    assert remaining_duration(counts, elapsed) == seconds


NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("on_since", "since"),
    [
        ([], NOW - WEEK),
        ([None, NOW - 2 * WEEK], NOW - WEEK),
        ([NOW - 2 * WEEK, NOW - HOUR, None], NOW - HOUR),
    ],
)
def test_who_was_asked_about_lately_is_fresh(on_since: list[datetime | None], since: datetime) -> None:
    """Within a week, as long as all providers were on: one that came on later was not asked then."""
    assert fresh_since(NOW, on_since) == since
