"""Whether a refresh asked anybody, and if not, how old its answers are."""

from datetime import UTC, datetime

from metarr_contracts.movie import ProviderOutcome, fresh_since

EARLY, LATE = datetime(2025, 11, 20, tzinfo=UTC), datetime(2025, 11, 21, tzinfo=UTC)
TMDB = ProviderOutcome(name="tmdb", outcome="found", fetched_at=LATE, cached=True)
OMDB = ProviderOutcome(name="omdb", outcome="not_found", fetched_at=EARLY, cached=True)
OFF = ProviderOutcome(name="fanart", outcome="off")


def test_all_fresh() -> None:
    """The oldest answer tells; a provider that is off has none to give."""
    assert fresh_since([TMDB, OMDB, OFF]) == EARLY


def test_somebody_was_asked() -> None:
    """One new answer, or one failure, and it was a real refresh."""
    assert fresh_since([TMDB, OMDB.model_copy(update={"cached": False})]) is None
    assert fresh_since([TMDB, ProviderOutcome(name="omdb", outcome="unavailable")]) is None


def test_nobody_could_be_asked() -> None:
    """With all off there is nothing fresh."""
    assert fresh_since([OFF]) is None
