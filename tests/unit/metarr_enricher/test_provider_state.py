"""Whether a provider may be asked: given what happened, when this is learned, then that is said, or nothing."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from tests.unit.metarr_enricher.films import NOW, at

from metarr_contracts import events
from metarr_enricher import provider_state
from metarr_enricher.provider_state import INITIAL, ProviderState, evolve
from metarr_enricher.providers.outcomes import QuotaExhausted, Unauthorized, Unavailable

ON = events.ProviderConfigured(provider="omdb", on=True, key_fingerprint="a", at=NOW)
QUOTA = events.ProviderPaused(provider="omdb", reason="quota", until=at(60), message="Limit", at=NOW)
FAILURES = events.ProviderPaused(provider="omdb", reason="failures", until=at(5), message="Down", at=NOW)
REFUSED = events.ProviderKeyRefused(provider="omdb", message="Wrong key", at=NOW)
RESUMED = events.ProviderResumed(provider="omdb", at=at(61))


def given(*history: events.ProviderEvent) -> ProviderState:
    """The provider after these events."""
    state = INITIAL
    for event in history:
        state = evolve(state, event)
    return state


@for_all(st.lists(st.sampled_from((ON, QUOTA, FAILURES, REFUSED, RESUMED)), max_size=8), st.sampled_from(range(70)))
def test_what_happened_happened(history: list[events.ProviderEvent], minutes: int) -> None:
    """Folding never raises; a changed key or a resumption lifts everything."""
    state = given(*history)
    provider_state.standing(state, at(minutes))
    assert provider_state.standing(evolve(state, ON), NOW) is None
    assert provider_state.standing(evolve(state, RESUMED), NOW) is None


def test_a_provider_that_works_is_asked() -> None:
    """Nothing stands against it."""
    assert provider_state.standing(given(ON), NOW) is None


def test_a_paused_provider_is_not_asked_before_its_time() -> None:
    """It is as if it had said again what it said last; from the moment on it is asked."""
    assert provider_state.standing(given(ON, QUOTA), at(59)) == QuotaExhausted(at(60))
    assert provider_state.standing(given(ON, FAILURES), at(4)) == Unavailable("Down")
    assert provider_state.standing(given(ON, QUOTA), at(60)) is None


def test_a_refused_key_is_not_used_for_an_hour() -> None:
    """Then the next film tries it; a pause that lasts longer still counts."""
    assert provider_state.standing(given(ON, REFUSED), at(59)) == Unauthorized("Wrong key")
    assert provider_state.standing(given(ON, REFUSED), at(60)) is None
    longer = QUOTA.model_copy(update={"until": at(90)})
    assert provider_state.standing(given(ON, longer, REFUSED), at(60)) == QuotaExhausted(at(90))


class TestConfigure:
    """A provider gets a key, another key, or none."""

    @pytest.mark.parametrize("fingerprint", ["a", None])
    def test_at_first(self, fingerprint: str | None) -> None:
        """It is on with a key; a provider that was always off needs no event."""
        said = provider_state.configure(INITIAL, "omdb", fingerprint, NOW)
        assert said == (ON if fingerprint else None)

    def test_the_same_key_is_ignored(self) -> None:
        """Every start of a replica asks for this; a refusal stays."""
        assert provider_state.configure(given(ON), "omdb", "a", NOW) is None
        assert provider_state.configure(given(ON, REFUSED), "omdb", "a", NOW) is None

    @pytest.mark.parametrize("fingerprint", ["b", None])
    def test_a_changed_key_lifts_pauses_and_refusals(self, fingerprint: str | None) -> None:
        """Another key has another quota."""
        said = provider_state.configure(given(ON, QUOTA, REFUSED), "omdb", fingerprint, NOW)
        assert said is not None
        assert said.on == (fingerprint is not None)
        assert provider_state.standing(evolve(given(ON, QUOTA, REFUSED), said), NOW) is None


class TestPause:
    """A provider is limited or down."""

    def test_once(self) -> None:
        """The films that learn it at the same time say it once."""
        assert provider_state.pause(given(ON), "omdb", "quota", at(60), "Limit", NOW) == QUOTA
        assert provider_state.pause(given(ON, QUOTA), "omdb", "quota", at(60), "Limit", NOW) is None

    def test_the_longer_one_counts(self) -> None:
        """A short pause does not shorten a long one."""
        assert provider_state.pause(given(ON, QUOTA), "omdb", "failures", at(5), "Down", NOW) is None
        assert provider_state.pause(given(ON, FAILURES), "omdb", "quota", at(60), "Limit", NOW) == QUOTA


class TestRefuse:
    """A provider refuses our key."""

    def test_once(self) -> None:
        """The films that learn it at the same time say it once."""
        assert provider_state.refuse(given(ON), "omdb", "Wrong key", NOW) == REFUSED
        assert provider_state.refuse(given(ON, REFUSED), "omdb", "Wrong key", at(59)) is None

    def test_again_after_an_hour(self) -> None:
        """The key was tried again, and holds back the others for another hour."""
        again = provider_state.refuse(given(ON, REFUSED), "omdb", "Wrong key", at(60))
        assert again == REFUSED.model_copy(update={"at": at(60)})
        assert provider_state.standing(given(ON, REFUSED, again), at(119)) == Unauthorized("Wrong key")


class TestAnswered:
    """A provider answers."""

    def test_a_pause_that_is_over_is_over(self) -> None:
        """The first answer after it says so."""
        assert provider_state.answered(given(ON, QUOTA), "omdb", at(61)) == RESUMED

    def test_a_key_that_is_accepted_at_last_is_accepted(self) -> None:
        """By the first answer after the hour, and not by one that was on its way when the key was refused."""
        assert provider_state.answered(given(ON, REFUSED), "omdb", at(61)) == RESUMED
        assert provider_state.answered(given(ON, REFUSED), "omdb", at(1)) is None

    def test_otherwise_it_is_ignored(self) -> None:
        """Neither without a pause nor by an answer that was on its way when the pause began."""
        assert provider_state.answered(given(ON), "omdb", NOW) is None
        assert provider_state.answered(given(ON, QUOTA), "omdb", at(1)) is None
        assert provider_state.answered(given(ON, QUOTA, RESUMED), "omdb", at(62)) is None
