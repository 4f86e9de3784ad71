"""What a person is told who wants a provider asked now, and why it was not or did not answer."""

from typing import assert_never

from metarr_chassis.errors import RefusedError
from metarr_contracts.fields import PROVIDER_TITLES, ProviderName
from metarr_enricher.asking import QUOTA_SAID
from metarr_enricher.providers.outcomes import (
    Failure,
    QuotaExhausted,
    Throttled,
    Unauthorized,
    Unavailable,
    Unexpected,
)
from metarr_enricher.providers.registry import KEY_SETTINGS


def has_no_key(provider: ProviderName) -> RefusedError:
    """It is off."""
    return RefusedError(409, f"{PROVIDER_TITLES[provider]} has no key ({KEY_SETTINGS[provider]})", "provider_off")


def is_too_slow(provider: ProviderName) -> RefusedError:
    """A person does not wait that long."""
    return RefusedError(409, f"{PROVIDER_TITLES[provider]} did not answer in time", "provider_unavailable")


def has_failed(provider: ProviderName, failure: Failure) -> RefusedError:
    """It answered with this, or such an answer stands."""
    title = PROVIDER_TITLES[provider]
    match failure:
        case QuotaExhausted():
            return RefusedError(409, f"{title} still says: {QUOTA_SAID}", "provider_still_limited")
        case Unauthorized(message):
            return RefusedError(409, message, "provider_key_refused")
        case Throttled():
            return RefusedError(409, f"{title} wants fewer requests just now", "provider_unavailable")
        case Unavailable(message) | Unexpected(message):
            return RefusedError(409, f"{title} does not answer: {message}", "provider_unavailable")
        case _:
            assert_never(failure)
