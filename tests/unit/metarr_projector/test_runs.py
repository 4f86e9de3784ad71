"""Figures of a run."""

from datetime import timedelta

import pytest
from tests.unit.metarr_projector.histories import START
from tests.unit.metarr_projector.run_events import LIMITED, OMDB, TMDB
from tests.unit.metarr_projector.run_histories import counts_of

from metarr_contracts.bulk import RunCounts, RunProvider
from metarr_contracts.readmodels import LiveRunStats
from metarr_projector import runs

EARLY = START + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("counts", "progress"),
    [
        (counts_of(0), 100),
        (counts_of(10), 0),
        (counts_of(1_523, 500, 100, 40), 42),
        (counts_of(1_000, 999), 99),
        (counts_of(10, 4, 5, 1), 100),
    ],
)
def test_progress_is_floored(counts: RunCounts, progress: int) -> None:
    """Films looked at of all films in percent: 100 only when it is true, and for an empty library."""
    assert runs.progress(counts) == progress


def test_stats_of_a_run_that_goes_on() -> None:
    """Processed are those whose providers answered, not all that were looked at."""
    assert runs.live_stats(counts_of(10, 4, 2, 1)) == LiveRunStats(
        total_movies=10, processed=4, skipped=2, failed=1, remaining=3
    )


def test_limited_in_the_order_in_which_it_happened() -> None:
    """Only providers whose quota was used up, the first one first."""
    late, early = TMDB.model_copy(update={"limited_at": LIMITED}), OMDB.model_copy(update={"limited_at": EARLY})
    assert runs.limited((late, early, RunProvider(name="fanart"))) == ("omdb", "tmdb")


def test_limits_that_were_told_by_themselves() -> None:
    """A quota that is used up shows before the next word on all providers, and that word does not move it."""
    assert runs.with_limits((TMDB, OMDB), {"omdb": EARLY}) == (TMDB, OMDB.model_copy(update={"limited_at": EARLY}))
    told = OMDB.model_copy(update={"limited_at": LIMITED})
    assert runs.with_limits((told,), {"omdb": EARLY})[0].limited_at == EARLY
    assert runs.with_limits((told,), {})[0].limited_at == LIMITED
    assert runs.with_limits((), {"fanart": EARLY}) == (RunProvider(name="fanart", limited_at=EARLY),)
