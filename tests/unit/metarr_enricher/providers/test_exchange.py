"""A request never shows its secrets."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from metarr_enricher.providers import fanart, omdb, tmdb
from metarr_enricher.providers.exchange import ProviderRequest, Response

HOME = tmdb.Locale("en", "US")
SECRET = "k3y/with+signs= &"
PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ")


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


def without_secrets(request: ProviderRequest, text: str) -> str:
    """An answer of this text, as it is read."""
    return request.redacted(Response(200, {}, text.encode())).body.decode()


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        "k3y/with%2Bsigns%3D%20%26",
        "k3y%2Fwith%2Bsigns%3D+%26",
        "k3y/with%2bsigns%3d+%26",
        r"k3y\/with\u002Bsigns\u003d \u0026",
        "k3y/with+signs= &amp;",
    ],
)
def test_secrets_are_redacted(form: str) -> None:
    """A key is recognised as it is, and as a URL, JSON or a page writes it."""
    assert without_secrets(omdb.request("tt0133093", SECRET), f"refused {form}!") == "refused ***!"


def test_tokens_are_redacted_without_their_prefix() -> None:
    """A read access token is secret with and without the word before it."""
    request = tmdb.request(603, "eyJ0.e30.sig", HOME)
    assert without_secrets(request, "got eyJ0.e30.sig, Bearer eyJ0.e30.sig") == "got ***, Bearer ***"


def test_every_secret_of_a_request_is_redacted() -> None:
    """One that begins with another is hidden as a whole."""
    request = fanart.request("603", "project-key", "project-key-of-mine")
    assert without_secrets(request, "project-key-of-mine project-key") == "*** ***"


@pytest.mark.parametrize("key", ["", "k", "title"])
def test_what_is_too_short_for_a_key_stands(key: str) -> None:
    """No provider has such keys, and words would be lost."""
    assert without_secrets(omdb.request("tt0133093", key), '{"title": "k"}') == '{"title": "k"}'


@given(st.text(PRINTABLE, min_size=8))
def test_any_secret_is_redacted_as_url_and_as_json(secret: str) -> None:
    """Whatever characters it has, in the URL that is sent and in JSON about it."""
    request = ProviderRequest("omdb", "/", secret_query={"apikey": secret})
    for text in (str(URL("http://host/").with_query(apikey=secret)).partition("=")[2], json.dumps(secret)[1:-1]):
        assert without_secrets(request, f"<{text}>") == "<***>"
