"""What browsers are told that a page, and any other answer, may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from metarr_gateway.answer_headers import ALWAYS, complete
from metarr_gateway.page_headers import page_headers

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-abc'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def test_a_page_talks_to_this_server_alone() -> None:
    """The policy word for word."""
    assert page_headers("abc") == {"Content-Security-Policy": POLICY}
    assert page_headers() == {"Content-Security-Policy": POLICY.replace(" 'nonce-abc'", "")}


def test_what_every_answer_says() -> None:
    """Word for word; by https also that it is to stay so."""
    assert _completed({}, by_https=False) == {
        "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cache-Control": "no-store",
    }
    assert _completed({}, by_https=True) == {**ALWAYS, "Strict-Transport-Security": "max-age=31536000"}


@pytest.mark.parametrize("name", ["Cache-Control", "cache-control", "CONTENT-SECURITY-POLICY"])
def test_what_an_answer_says_itself_stands(name: str) -> None:
    """In whatever case."""
    assert _completed({name: "private"}, by_https=False).getall(name) == ["private"]


@given(st.dictionaries(st.sampled_from([*ALWAYS, "Content-Type"]), st.text()), st.booleans())
def test_all_are_there_in_the_end(given_: dict[str, str], by_https: bool) -> None:  # noqa: FBT001
    """And nothing is said twice."""
    headers = _completed(given_, by_https=by_https)
    assert {name: headers.getall(name) for name in given_} == {name: [value] for name, value in given_.items()}
    assert sorted(headers) == sorted({*given_, *ALWAYS, *(["Strict-Transport-Security"] if by_https else [])})


def _completed(headers: dict[str, str], *, by_https: bool) -> CIMultiDict[str]:
    answer = CIMultiDict(headers)
    complete(answer, by_https=by_https)
    return answer
