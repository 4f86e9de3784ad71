"""What a person is told of a provider that cannot be asked or does not answer."""

import pytest

from metarr_enricher import refusals
from metarr_enricher.providers.outcomes import (
    Failure,
    QuotaExhausted,
    Throttled,
    Unauthorized,
    Unavailable,
    Unexpected,
)


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (QuotaExhausted(), "provider_still_limited", "TMDB still says: The request limit is reached"),
        (Unauthorized("TMDB refuses the key"), "provider_key_refused", "TMDB refuses the key"),
        (Throttled(2.0), "provider_unavailable", "TMDB wants fewer requests just now"),
        (Unavailable("HTTP 503"), "provider_unavailable", "TMDB does not answer: HTTP 503"),
        (Unexpected("no JSON"), "provider_unavailable", "TMDB does not answer: no JSON"),
    ],
)
def test_each_failure_has_a_code_and_a_sentence(failure: Failure, code: str, said: str) -> None:
    """A conflict with the state of the provider: 409."""
    error = refusals.has_failed("tmdb", failure)
    assert (error.status, error.refused.code, str(error)) == (409, code, said)


def test_what_never_was_asked_or_never_answered() -> None:
    """The setting of the key is named."""
    off, slow = refusals.has_no_key("tmdb"), refusals.is_too_slow("tmdb")
    assert (off.status, off.refused.code, str(off)) == (409, "provider_off", "TMDB has no key (METARR_TMDB_KEY)")
    assert (slow.status, slow.refused.code, str(slow)) == (409, "provider_unavailable", "TMDB did not answer in time")
