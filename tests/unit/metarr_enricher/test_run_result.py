"""What a job's end means to its run."""

import pytest
from tests.unit.metarr_enricher.films import NOW

from metarr_contracts import events
from metarr_contracts.movie import Completeness, Outcome, ProviderOutcome
from metarr_enricher.run_result import RunResult, run_result


def failed(code: str, *outcomes: Outcome) -> events.EnrichmentFailed:
    """A refresh that failed, and how providers fared."""
    providers = [ProviderOutcome(name="omdb", outcome=outcome) for outcome in outcomes]
    return events.EnrichmentFailed.model_validate(
        {
            "movie_id": 1,
            "job_id": 5,
            "run_id": 4,
            "started_at": NOW,
            "completed_at": NOW,
            "code": code,
            "error": "A",
            "providers": providers,
            "missing": (),
        }
    )


def test_a_film_that_was_changed_is_processed() -> None:
    """Also where the run went on without a provider."""
    event = events.MovieEnriched(
        movie_id=1,
        job_id=5,
        run_id=4,
        started_at=NOW,
        completed_at=NOW,
        partial=True,
        changed={},
        providers=(ProviderOutcome(name="omdb", outcome="quota_exhausted"),),
        completeness=Completeness(before=0, after=0),
        missing=(),
    )
    assert run_result(event) == "processed"


def test_a_cancelled_film() -> None:
    """Is neither done nor failed."""
    event = events.EnrichmentCancelled(movie_id=1, job_id=5, run_id=4, started_at=NOW, completed_at=NOW)
    assert run_result(event) == "cancelled"


@pytest.mark.parametrize("code", ["incomplete", "all_providers_failed"])
@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (("quota_exhausted",), "unsettled"),
        (("unauthorized",), "unsettled"),
        (("found", "unavailable", "quota_exhausted"), "unsettled"),
        (("found", "unavailable"), "failed"),
        (("throttled",), "failed"),
        (("unexpected",), "failed"),
        ((), "failed"),
    ],
)
def test_a_failure_is_the_films_own_or_not(code: str, outcomes: tuple[Outcome, ...], expected: RunResult) -> None:
    """A used-up quota or a refused key stops any film: this one is not settled by it."""
    assert run_result(failed(code, *outcomes)) == expected


def test_a_job_that_was_given_up_has_failed() -> None:
    """Whoever refused it: else a run would never get past the film."""
    assert run_result(failed("gave_up", "quota_exhausted")) == "failed"
