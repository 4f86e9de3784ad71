"""A request never shows its secrets."""

import pytest

from metarr_enricher.providers import fanart, omdb, tmdb
from metarr_enricher.providers.exchange import ProviderRequest

HOME = tmdb.Locale("en", "US")
SECRET = "k3y/with+signs= &"


@pytest.mark.parametrize(
    "request_with_key",
    [
        tmdb.request(603, "0123456789abcdef0123456789abcdef", HOME),
        tmdb.request(603, "eyJ0.e30.sig", HOME),
        omdb.request("tt0133093", SECRET),
        fanart.request("603", SECRET, "personal-key"),
    ],
)
def test_no_secret_is_shown(request_with_key: ProviderRequest) -> None:
    """Neither the text for logs nor the one for debuggers holds a key."""
    secrets = [*request_with_key.secret_query.values(), *request_with_key.secret_headers.values()]
    assert secrets
    for shown in (str(request_with_key), repr(request_with_key), f"{[request_with_key]}"):
        assert not [secret for secret in secrets if secret.removeprefix("Bearer ") in shown]


def test_the_text_for_logs() -> None:
    """A log tells what was asked, and that there was a key."""
    assert str(omdb.request("tt0133093", SECRET)) == "GET /?i=tt0133093&plot=full&r=json&apikey=***"
    assert str(fanart.request("603", SECRET)) == "GET /movies/603"


@pytest.mark.parametrize("form", [SECRET, "k3y/with%2Bsigns%3D%20%26", "k3y%2Fwith%2Bsigns%3D+%26"])
def test_secrets_are_redacted(form: str) -> None:
    """A key is recognised as it is and as a URL writes it."""
    assert omdb.request("tt0133093", SECRET).redact(f"refused {form}!") == "refused ***!"


def test_tokens_are_redacted_without_their_prefix() -> None:
    """A read access token is secret with and without the word before it."""
    request = tmdb.request(603, "eyJ0.e30.sig", HOME)
    assert request.redact("got eyJ0.e30.sig, Bearer eyJ0.e30.sig") == "got ***, ***"
