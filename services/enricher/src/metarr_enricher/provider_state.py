"""Whether a provider may be asked: folded from its events, decided purely."""

from datetime import datetime, timedelta
from typing import Literal, assert_never

from metarr_contracts import events, quotas
from metarr_contracts.base import Utc, Value
from metarr_contracts.fields import ProviderName
from metarr_contracts.quotas import MetQuota
from metarr_enricher.providers.outcomes import Failure, QuotaExhausted, Unauthorized, Unavailable

REFUSED_FOR = timedelta(hours=1)
"""Then the key is tried again: it may have been activated meanwhile, and OMDb repeats a refusal for up to an hour."""


class ProviderState(Value):
    """What is known of a provider. A pause or refusal that is over is still here until an answer proves it."""

    on: bool = False
    key_fingerprint: str | None = None
    paused_until: Utc | None = None
    pause_reason: Literal["quota", "failures"] | None = None
    message: str | None = None
    refused_until: Utc | None = None
    quota: MetQuota | None = None


INITIAL = ProviderState()


def evolve(state: ProviderState, event: events.ProviderEvent) -> ProviderState:
    """The provider after the event."""
    match event:
        case events.ProviderConfigured():
            same = event.key_fingerprint == state.key_fingerprint
            return ProviderState(
                on=event.on, key_fingerprint=event.key_fingerprint, quota=state.quota if same else None
            )
        case events.ProviderPaused():
            met = None if event.requests is None else MetQuota(requests=event.requests, at=event.at)
            return state.model_copy(
                update={
                    "paused_until": event.until,
                    "pause_reason": event.reason,
                    "message": event.message,
                    "quota": quotas.learn(state.quota, met) if met else state.quota,
                }
            )
        case events.ProviderKeyRefused():
            return state.model_copy(update={"refused_until": event.at + REFUSED_FOR, "message": event.message})
        case events.ProviderResumed():
            return ProviderState(on=state.on, key_fingerprint=state.key_fingerprint, quota=state.quota)
        case _:
            assert_never(event)


def standing(state: ProviderState, now: datetime) -> Failure | None:
    """Why the provider is not to be asked now; None when it may be."""
    if state.refused_until is not None and state.refused_until > now:
        return Unauthorized(state.message or "The key was refused")
    if state.paused_until is None or state.paused_until <= now:
        return None
    if state.pause_reason == "quota":
        return QuotaExhausted(state.paused_until)
    return Unavailable(state.message or "Paused after repeated failures")


def is_unproven(state: ProviderState, now: datetime) -> bool:
    """Whether a pause or refusal is over, and no answer has proven yet that the provider answers again."""
    return _is_held(state) and standing(state, now) is None


def daily_quota(state: ProviderState, now: datetime) -> int | None:
    """Requests a day, as far as the limit was met lately; None: it is not known."""
    return quotas.requests_a_day(state.quota, now)


def keeps_reserve(quota: int | None, reserve: int, requests: int) -> bool:
    """Whether a run is to leave what is left of the daily quota: after so many requests that day.

    Without a reserve nothing is left, and what was learned of the quota is put to the test each day. Where more has
    been asked today than that, the quota is another one.
    """
    return reserve > 0 and quota is not None and quota * (100 - reserve) <= requests * 100 <= quota * 100


def configure(
    state: ProviderState, provider: ProviderName, fingerprint: str | None, now: datetime
) -> events.ProviderConfigured | None:
    """The provider has this key (None: it is off). A changed key lifts pauses and refusals."""
    if state.on == (fingerprint is not None) and state.key_fingerprint == fingerprint:
        return None
    return events.ProviderConfigured(provider=provider, on=fingerprint is not None, key_fingerprint=fingerprint, at=now)


def pause(
    state: ProviderState,
    provider: ProviderName,
    reason: Literal["quota", "failures"],
    until: datetime,
    message: str,
    now: datetime,
    answered: int | None = None,
) -> events.ProviderPaused | None:
    """The provider is not to be asked until then, if it is not paused as long already.

    `answered` is how many requests it answered that day before its quota was used up. Of a provider that has not
    answered since the last pause it says nothing about the quota: most of it was used before.
    """
    if state.paused_until is not None and state.paused_until >= until:
        return None
    learned = None if _is_held(state) or answered is None or answered < 1 else answered
    return events.ProviderPaused(
        provider=provider, reason=reason, until=until, message=message, at=now, requests=learned
    )


def refuse(
    state: ProviderState, provider: ProviderName, message: str, now: datetime
) -> events.ProviderKeyRefused | None:
    """The provider refused our key, if that is not known already; after an hour it is said again."""
    if state.refused_until is not None and state.refused_until > now:
        return None
    return events.ProviderKeyRefused(provider=provider, message=message, at=now)


def answered(state: ProviderState, provider: ProviderName, now: datetime) -> events.ProviderResumed | None:
    """The provider answered: a pause or refusal that is over is over."""
    return events.ProviderResumed(provider=provider, at=now) if is_unproven(state, now) else None


def resume(state: ProviderState, provider: ProviderName, now: datetime) -> events.ProviderResumed | None:
    """The provider answered when a person wanted to know: a pause or refusal is over, whatever is left of it."""
    return events.ProviderResumed(provider=provider, at=now, by="user") if _is_held(state) else None


def _is_held(state: ProviderState) -> bool:
    return state.paused_until is not None or state.refused_until is not None
