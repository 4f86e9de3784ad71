"""What the providers of a run allow."""

from datetime import UTC, datetime, timedelta

import pytest

from metarr_contracts.bulk import RunProvider
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.movie import Outcome, ProviderOutcome
from metarr_contracts.rules import RunRules
from metarr_enricher.bulk_providers import LONGEST_WAIT, Limit, RunProviders, Verdict
from metarr_enricher.provider_state import INITIAL, ProviderState

NOW = datetime(2025, 11, 22, 3, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
USED_UP = ProviderState(on=True, paused_until=SOON, pause_reason="quota")
AWAY = ProviderState(on=True, paused_until=SOON, pause_reason="failures", message="503")
REFUSED = ProviderState(on=True, refused_until=SOON, message="Invalid key (METARR_OMDB_KEY)")


def providers(rules: RunRules | None = None, without: tuple[ProviderName, ...] = ()) -> RunProviders:
    """All three are on."""
    figures = tuple(RunProvider(name=name) for name in PROVIDERS)
    return RunProviders(PROVIDERS, rules or RunRules(), figures, without)


def states(**told: ProviderState) -> dict[ProviderName, ProviderState]:
    """Those that are not named answer."""
    return {name: told.get(name, INITIAL) for name in PROVIDERS}


class TestQuota:
    """A used-up quota ends the run, or the run goes on without the provider."""

    def test_stops_the_run(self) -> None:
        """By the rule that holds unless another was chosen."""
        run = providers()
        found = run.look(PROVIDERS, states(omdb=USED_UP), NOW)
        assert found == Limit("omdb", SOON, stops=True)
        assert found.message == "OMDB rate limit reached - stopping bulk enrichment"
        assert run.lose(found, NOW) == Verdict("partial")
        assert [one.name for one in run.figures if one.limited_at == NOW] == ["omdb"]

    def test_the_run_goes_on_without_the_provider(self) -> None:
        """By the other rule; it is not looked at any more."""
        run = providers(RunRules(on_quota="pause_provider"))
        found = run.look(PROVIDERS, states(omdb=USED_UP), NOW)
        assert found == Limit("omdb", SOON, stops=False)
        assert run.lose(found, NOW) is None
        assert run.without == ("omdb",)
        assert run.look(PROVIDERS, states(omdb=USED_UP), NOW) is None

    def test_the_last_provider_ends_the_run_in_any_case(self) -> None:
        """There is nobody left to go on with."""
        run = providers(RunRules(on_quota="pause_provider"), without=("tmdb", "fanart"))
        assert run.look(PROVIDERS, states(omdb=USED_UP), NOW) == Limit("omdb", SOON, stops=True)

    @pytest.mark.parametrize(
        ("outcome", "found"),
        [
            ("quota_exhausted", Limit("omdb", None, stops=True)),
            ("unauthorized", Verdict("failed", "OMDB refuses the API key: no", "key_refused")),
            ("unavailable", None),
            ("throttled", None),
        ],
    )
    def test_another_replica_may_find_out_first(self, outcome: Outcome, found: Verdict | Limit | None) -> None:
        """A film that was put off says so, whatever is known here."""
        told = [ProviderOutcome(name="omdb", outcome=outcome, message="no")]
        said = providers().put_off(told)
        assert type(said) is type(found)
        if isinstance(said, Verdict) and isinstance(found, Verdict):
            assert (said.status, said.code) == (found.status, found.code)
        elif found is not None:
            assert said == found

    def test_a_provider_that_is_lost_already_is_no_news(self) -> None:
        """The run goes on without it."""
        told = [ProviderOutcome(name="omdb", outcome="quota_exhausted")]
        assert providers(without=("omdb",)).put_off(told) is None


def test_a_refused_key_ends_the_run_and_is_named() -> None:
    """A person has to do something."""
    found = providers().look(PROVIDERS, states(omdb=REFUSED), NOW)
    assert isinstance(found, Verdict)
    assert (found.status, found.code) == ("failed", "key_refused")
    assert "METARR_OMDB_KEY" in str(found.error)


def test_a_provider_that_no_film_needs_keeps_nobody() -> None:
    """The films that are left may be fresh there."""
    assert providers().look(("tmdb",), states(omdb=USED_UP, fanart=AWAY), NOW) is None


class TestAway:
    """Without a provider that does not answer no film can be completed."""

    def test_is_waited_for(self) -> None:
        """And the wait is over when its pause is."""
        run = providers()
        assert run.look(PROVIDERS, states(omdb=AWAY), NOW) is None
        assert run.waiting == "OMDB does not answer; trying again at 03:05 UTC"
        assert run.look(PROVIDERS, states(omdb=AWAY), SOON) is None
        assert run.waiting is None

    def test_not_for_ever(self) -> None:
        """Several waits count together, the time between them does not."""
        run, now = providers(), NOW
        while (
            found := run.look(PROVIDERS, states(omdb=AWAY.model_copy(update={"paused_until": now + 4 * STEP})), now)
        ) is None:
            now += STEP
            assert run.look(PROVIDERS, states(), now) is None
            now += timedelta(hours=1)
        assert found == Verdict("failed", "OMDB does not answer", "provider_away")
        assert now - NOW >= LONGEST_WAIT

    def test_all_away(self) -> None:
        """The message is that of a refresh that nobody answered; a pause that is just over counts as well."""
        run = providers()
        lapsed = AWAY.model_copy(update={"paused_until": NOW})
        later = NOW + LONGEST_WAIT
        assert run.look(PROVIDERS, states(tmdb=AWAY, omdb=AWAY, fanart=AWAY), NOW) is None
        long = AWAY.model_copy(update={"paused_until": later + STEP})
        found = run.look(PROVIDERS, states(tmdb=long, omdb=lapsed, fanart=long), later)
        assert found == Verdict("failed", "All providers failed", "all_providers_failed")


STEP = timedelta(minutes=5)
