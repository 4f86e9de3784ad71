"""How long a provider is left alone, and which answers stand in for a request."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.metarr_enricher.films import NOW, answer, at

from metarr_enricher.answer_store import is_fresh
from metarr_enricher.asking import RUN_THROTTLE_ATTEMPTS, as_limit, quota_ends, throttle_wait
from metarr_enricher.freshness import PLAIN
from metarr_enricher.lane import MANUAL, Lane
from metarr_enricher.pacing import LONGEST_WAIT
from metarr_enricher.providers.outcomes import QuotaExhausted, Throttled


@pytest.mark.parametrize(
    ("outcome", "waits"),
    [(Throttled(3.5), [3.5, 3.5, 3.5]), (Throttled(0.0), [0.0, 0.0, 0.0]), (Throttled(), [1.0, 2.0, 4.0])],
)
def test_throttling_is_waited_out(outcome: Throttled, waits: list[float]) -> None:
    """As long as the provider says, else a second that doubles."""
    assert [throttle_wait(outcome, attempt, MANUAL) for attempt in range(3)] == waits


@pytest.mark.parametrize("outcome", [Throttled(), Throttled(0.0), Throttled(3.5), Throttled(LONGEST_WAIT)])
def test_a_run_is_more_patient(outcome: Throttled) -> None:
    """Each wait is at least as long as the one before and as what the provider says; all are five minutes or more."""
    waits = [throttle_wait(outcome, attempt, Lane(run=True)) for attempt in range(RUN_THROTTLE_ATTEMPTS - 1)]
    assert waits == sorted(waits)
    assert outcome.retry_after is None or waits[0] >= outcome.retry_after
    assert waits[-1] == LONGEST_WAIT
    assert sum(waits) >= 300


@pytest.mark.parametrize("outcome", [Throttled(), Throttled(0.0), Throttled(30.0)])
def test_short_throttling_is_no_pause(outcome: Throttled) -> None:
    """Nor is one of unknown length."""
    assert as_limit(outcome, NOW) == outcome


@pytest.mark.parametrize(("seconds", "minutes"), [(60.0, 1), (3600.0, 60), (1e12, 24 * 60)])
def test_long_throttling_is_a_pause(seconds: float, minutes: int) -> None:
    """Until the provider wants to be asked again, for a day at most."""
    assert as_limit(Throttled(seconds), NOW) == QuotaExhausted(at(minutes))


def test_a_quota_ends_when_the_provider_says() -> None:
    """Even where a run is planned earlier."""
    assert quota_ends(QuotaExhausted(at(7)), at(5), NOW) == at(7)


def test_a_quota_ends_at_the_next_scheduled_run() -> None:
    """Where the provider does not say."""
    assert quota_ends(QuotaExhausted(), at(5), NOW) == at(5)


def test_a_quota_is_a_daily_one() -> None:
    """The next run may be days away, as when it is weekly; the quota is not."""
    assert quota_ends(QuotaExhausted(), NOW + timedelta(days=6), NOW) == NOW + timedelta(days=1)


@pytest.mark.parametrize("planned", [None, at(-5), NOW])
def test_a_quota_ends_at_midnight_without_a_schedule(planned: datetime | None) -> None:
    """UTC, by which OMDb counts its days; a plan that is past says nothing."""
    assert quota_ends(QuotaExhausted(), planned, NOW) == datetime(2026, 11, 23, tzinfo=UTC)
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    assert quota_ends(QuotaExhausted(), None, midnight) == midnight + timedelta(days=1)


class TestFreshness:
    """An answer may stand in for a request."""

    OLD = NOW - PLAIN

    def fresh(self, fetched_at: datetime, *, force: bool = False, job_id: int = 2) -> bool:
        """Whether the answer of job 1 (or this one) is."""
        told = answer("tmdb", (fetched_at - NOW).total_seconds() / 60, plot="A")
        return is_fresh(told, job_id=job_id, force=force, commanded_at=NOW, now=at(1))

    def test_for_seven_days(self) -> None:
        """After that the provider is asked again."""
        assert self.fresh(self.OLD + timedelta(minutes=2))
        assert not self.fresh(self.OLD + timedelta(minutes=1))

    def test_not_when_forced(self) -> None:
        """`force` wants an answer that is newer than the command."""
        assert not self.fresh(NOW - timedelta(seconds=1), force=True)
        assert self.fresh(NOW, force=True)

    def test_what_the_job_itself_has_fetched_always_is(self) -> None:
        """A job that is delivered again asks nobody again."""
        assert self.fresh(self.OLD - timedelta(days=1), force=True, job_id=1)
