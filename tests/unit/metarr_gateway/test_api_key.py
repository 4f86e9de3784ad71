"""The key of the web server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_gateway.api_key import EXPECTED, ApiKey

KEY = "iuR0Ju3Zl2cYBf0vLqk7h1sXoPz9WmTnDeGa4b8C"
CHARACTERS = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
KEYS = st.text(CHARACTERS, min_size=20, max_size=200)


@given(KEYS, st.text(" \t\r\n"), st.text(" \t\r\n"))
def test_what_is_around_a_key_in_its_file_does_not_count(key: str, before: str, after: str) -> None:
    """Editors end a file with a line's end."""
    assert ApiKey.parse(f"{before}{key}{after}").is_known_to(key)


@pytest.mark.parametrize("text", ["", " \n", "a" * 19, "a" * 201, f"{KEY[:20]} {KEY[20:]}", f"{KEY}é", f"{KEY}\0"])
def test_what_is_no_key_is_refused_and_not_shown(text: str) -> None:
    """Too short, too long, more than one, or nothing that a header can carry."""
    with pytest.raises(ValueError, match=f"^{EXPECTED}$"):
        ApiKey.parse(text)


@given(st.text())
def test_only_the_key_is_the_key(given_key: str) -> None:
    """Whatever is sent, half surrogates of a header too."""
    assert ApiKey.parse(KEY).is_known_to(given_key) == (given_key == KEY)
    assert not ApiKey.parse(KEY).is_known_to(b"\xff\x80".decode(errors="surrogateescape"))
    assert not ApiKey.parse(KEY).is_known_to("\ud800")


def test_it_is_not_shown() -> None:
    """No log line that holds it gives it away."""
    assert KEY not in repr(ApiKey.parse(KEY))
