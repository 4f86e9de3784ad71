"""Whether a provider may be asked: given what happened, when this is learned, then that is said, or nothing."""

from datetime import datetime, timedelta

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
LEARNED = QUOTA.model_copy(update={"requests": 1000})
RESUMED = events.ProviderResumed(provider="omdb", at=at(61))


WEEK = timedelta(days=7)


def given(*history: events.ProviderEvent) -> ProviderState:
    """The provider after these events."""
    state = INITIAL
    for event in history:
        state = evolve(state, event)
    return state


def quota(*history: events.ProviderEvent, now: datetime = NOW) -> int | None:
    """The daily quota, as far as these events tell it."""
    return provider_state.daily_quota(given(*history), now)


@for_all(
    st.lists(st.sampled_from((ON, QUOTA, LEARNED, FAILURES, REFUSED, RESUMED)), max_size=8), st.sampled_from(range(70))
)
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


class TestProof:
    """After a pause or refusal an answer has to prove that the provider answers again."""

    def test_what_is_over_is_unproven(self) -> None:
        """Until an answer has come, and not while it still stands."""
        for held in (QUOTA, FAILURES, REFUSED):
            assert not provider_state.is_unproven(given(ON, held), at(4))
            assert provider_state.is_unproven(given(ON, held), at(60))
            assert not provider_state.is_unproven(given(ON, held, RESUMED), at(61))

    def test_a_provider_that_never_was_held_needs_none(self) -> None:
        """Nor one whose key has changed."""
        assert not provider_state.is_unproven(given(ON), NOW)
        assert not provider_state.is_unproven(given(ON, QUOTA, ON), at(61))


class TestResume:
    """A person wants to know whether the provider answers, and it does."""

    @pytest.mark.parametrize("held", [QUOTA, FAILURES, REFUSED])
    def test_it_is_over(self, held: events.ProviderEvent) -> None:
        """Though its time has not come."""
        said = provider_state.resume(given(ON, held), "omdb", at(1))
        assert said == events.ProviderResumed(provider="omdb", at=at(1), by="user")
        assert provider_state.standing(given(ON, held, said), at(1)) is None

    def test_without_a_pause_it_is_ignored(self) -> None:
        """There is nothing to end."""
        assert provider_state.resume(given(ON), "omdb", NOW) is None
        assert provider_state.resume(given(ON, QUOTA, RESUMED), "omdb", at(62)) is None


class TestQuota:
    """How many requests a day a provider answers is learned when they are used up."""

    def pause(self, *history: events.ProviderEvent, answered: int | None) -> int | None:
        """What a pause after these events says of the quota."""
        said = provider_state.pause(given(*history), "omdb", "quota", at(2000), "Limit", at(61), answered)
        assert said is not None
        return said.requests

    def test_it_is_what_was_answered_that_day(self) -> None:
        """If anything was."""
        assert self.pause(ON, answered=1000) == 1000
        assert self.pause(ON, answered=0) is None
        assert self.pause(ON, answered=-1) is None
        assert self.pause(ON, answered=None) is None

    def test_a_probe_that_is_refused_says_nothing(self) -> None:
        """It was the day's first request, and the quota is not 0."""
        assert self.pause(ON, QUOTA, answered=3) is None
        assert self.pause(ON, QUOTA, RESUMED, answered=3) == 3

    def test_it_survives_pauses_and_resumptions(self) -> None:
        """And is gone with the key."""
        assert quota(ON, LEARNED, RESUMED, FAILURES, RESUMED, QUOTA) == 1000
        assert quota(ON, LEARNED, ON) == 1000
        assert quota(ON, LEARNED, ON.model_copy(update={"key_fingerprint": "b"})) is None

    def test_the_largest_counts(self) -> None:
        """Of a quota that is renewed in the middle of our day only a part is seen."""
        part = LEARNED.model_copy(update={"requests": 10})
        assert quota(ON, part, RESUMED, LEARNED, RESUMED, part) == 1000

    def test_it_is_forgotten_after_a_week(self) -> None:
        """Then a run puts it to the test again."""
        assert quota(ON, LEARNED, RESUMED, now=NOW + WEEK - timedelta(seconds=1)) == 1000
        assert quota(ON, LEARNED, RESUMED, now=NOW + WEEK) is None

    def test_a_smaller_one_counts_when_the_other_is_forgotten(self) -> None:
        """So a wrong one heals."""
        later = NOW + WEEK
        smaller = LEARNED.model_copy(update={"requests": 10, "at": later})
        assert quota(ON, LEARNED, RESUMED, smaller, now=later) == 10

    def test_what_is_met_again_stays_known(self) -> None:
        """For another week."""
        again = LEARNED.model_copy(update={"at": NOW + timedelta(days=4)})
        assert quota(ON, LEARNED, RESUMED, again, now=NOW + WEEK) == 1000

    @pytest.mark.parametrize(
        ("reserve", "requests", "keeps"),
        [
            (20, 799, False),
            (20, 800, True),
            (20, 1000, True),
            (20, 1001, False),
            (90, 99, False),
            (90, 100, True),
            (0, 5000, False),
        ],
    )
    def test_a_run_leaves_its_reserve(self, reserve: int, requests: int, *, keeps: bool) -> None:
        """It ends at its share of the day; without a reserve the provider itself says when it is over."""
        assert provider_state.keeps_reserve(1000, reserve, requests) == keeps
        assert not provider_state.keeps_reserve(None, reserve, requests)
