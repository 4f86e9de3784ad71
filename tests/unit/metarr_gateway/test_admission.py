"""Who is answered: by the name that is called, the page that asks, and what it shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_gateway import sessions
from metarr_gateway.admission import SAFE_METHODS, Admission, Asked
from metarr_gateway.api_key import ApiKey

KEY_TEXT = "iuR0Ju3Zl2cYBf0vLqk7h1sXoPz9WmTnDeGa4b8C"
KEY = ApiKey.parse(KEY_TEXT)
KEYLESS = Admission(None, None, frozenset({"nas", "nas.local"}))
KEYED = replace(KEYLESS, key=KEY)
LISTED = replace(KEYED, allowed_hosts=frozenset({"metarr.example"}))
MOVIES = Asked("GET", "/api/movies", is_open=False, hosts=("127.0.0.1:3000",))

METHODS = st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE", "PUT", "TRACE", "BREW"])
PATHS = st.sampled_from(["/api/movies", "/ws", "/metrics", "/api/session", None])
HEADER = st.text(max_size=30) | st.sampled_from(
    ["metarr.example", "nas", "http://nas", "null", "cross-site", "[::1]:1"]
)
HEADERS = st.lists(HEADER, max_size=2).map(tuple)


def code(admission: Admission, asked: Asked) -> str | None:
    """Why it is refused."""
    refusal = admission.refusal(asked, datetime.now(UTC))
    return refusal.code if refusal else None


@given(METHODS, PATHS, HEADERS, HEADERS, st.none() | HEADER, st.none() | st.text(), st.none() | st.text())
def test_without_key_and_session_nothing_closed_is_answered(
    method: str,
    path: str | None,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    site: str | None,
    key: str | None,
    cookie: str | None,
) -> None:
    """Whatever else is sent, and it is never an error."""
    asked = Asked(method, path, False, hosts, origins, site, key, cookie)
    for admission in (KEYED, LISTED):
        refusal = admission.refusal(asked, datetime.now(UTC))
        assert refusal is not None
        assert refusal.http_status in {401, 403}
        assert (refusal.headers.get("WWW-Authenticate") == "ApiKey") == (refusal.http_status == 401)


@pytest.mark.parametrize("admission", [KEYLESS, KEYED, LISTED])
def test_who_knows_the_key_is_answered(admission: Admission) -> None:
    """By header or by session; where there is no key neither is looked at."""
    session = replace(MOVIES, cookie=sessions.begin(KEY))
    assert code(admission, replace(MOVIES, api_key=KEY_TEXT)) is None
    assert code(admission, session) is None
    assert code(KEYLESS, replace(MOVIES, api_key="wrong", cookie="wrong")) is None


def test_what_is_shown_has_to_be_right() -> None:
    """A wrong key is told apart from none, also beside a session; a session that is over is none."""
    assert code(KEYED, MOVIES) == "not_signed_in"
    assert code(KEYED, replace(MOVIES, api_key="wrong", cookie=sessions.begin(KEY))) == "wrong_api_key"
    assert code(KEYED, replace(MOVIES, api_key="")) == "wrong_api_key"
    over = KEYED.refusal(replace(MOVIES, cookie=sessions.begin(KEY)), datetime.now(UTC) + timedelta(days=31))
    assert over is not None
    assert over.code == "not_signed_in"


def test_what_is_open_asks_for_nothing() -> None:
    """But host and origin are looked at all the same."""
    sign_in = Asked("POST", "/api/session", is_open=True, hosts=("metarr.example",))
    assert code(LISTED, sign_in) is None
    assert code(LISTED, replace(sign_in, origins=("https://evil.example",))) == "origin_not_allowed"
    assert code(LISTED, replace(sign_in, hosts=("evil.example",))) == "host_not_allowed"


@pytest.mark.parametrize(
    ("hosts", "keyless", "listed"),
    [
        ((), True, True),
        (("127.0.0.1:3000",), True, True),
        (("[::1]:3000",), True, True),
        (("Localhost.:3000",), True, True),
        (("metarr.localhost",), True, True),
        (("NAS:3000",), True, False),
        (("nas.local.",), True, False),
        (("METARR.example.",), False, True),
        (("evil.example:3000",), False, False),
        (("metarr.example.evil.example",), False, False),
        (("metarr.example", "evil.example"), False, False),
        (("127.0.0.1", "127.0.0.1"), False, False),
        (("what is this",), False, False),
        (("",), False, False),
    ],
)
def test_the_name_has_to_be_ours(hosts: tuple[str, ...], *, keyless: bool, listed: bool) -> None:
    """Without a key it is the machine's own, with a list one of it; who names none, as HTTP/1.0, is no browser."""
    asked = replace(MOVIES, hosts=hosts, api_key=KEY_TEXT)
    assert (code(KEYLESS, asked) is None) == keyless
    assert (code(LISTED, asked) is None) == listed
    assert code(KEYED, asked) is None, "with a key alone the name says nothing"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_whoever_looks_whether_we_live_may_call_us_anything(path: str) -> None:
    """A load balancer has names of its own for us."""
    asked = Asked("GET", path, is_open=True, hosts=("10-0-0-1.pod.cluster.local",))
    assert code(LISTED, asked) is None
    assert code(KEYLESS, asked) is None


@given(METHODS, st.sampled_from(["http://evil.example", "null", "http://127.0.0.1:3001", "https://127.0.0.1"]))
def test_a_page_of_another_site_changes_nothing(method: str, origin: str) -> None:
    """It may ask by a safe method, for it cannot read the answer; a socket it could read."""
    asked = replace(MOVIES, method=method, origins=(origin,), api_key=KEY_TEXT)
    allowed = method in SAFE_METHODS
    for admission in (KEYLESS, KEYED, LISTED):
        assert (code(admission, asked) is None) == allowed
        assert code(admission, replace(asked, path="/ws")) == "origin_not_allowed"


@given(METHODS)
def test_our_own_page_does(method: str) -> None:
    """Its origin is the host that it calls; programs have none."""
    asked = replace(MOVIES, method=method, api_key=KEY_TEXT)
    for ours in (asked, replace(asked, origins=("http://127.0.0.1:3000",), fetch_site="same-origin")):
        assert code(KEYED, ours) is None
        assert code(KEYED, replace(ours, path="/ws")) is None


def test_a_browser_that_hides_the_origin_says_whether_it_is_another() -> None:
    """`Sec-Fetch-Site` is nothing that a page can set."""
    asked = replace(MOVIES, method="POST", api_key=KEY_TEXT, fetch_site="cross-site")
    assert code(KEYED, asked) == "origin_not_allowed"
    assert code(KEYED, replace(asked, fetch_site="none")) is None
    assert code(KEYED, replace(asked, method="GET")) is None


def test_without_a_host_no_page_is_ours() -> None:
    """Nor with two, even if one of them is ours."""
    asked = replace(MOVIES, method="POST", api_key=KEY_TEXT, origins=("http://127.0.0.1:3000",))
    assert code(KEYED, replace(asked, hosts=())) == "origin_not_allowed"
    assert code(KEYED, replace(asked, hosts=("127.0.0.1:3000", "evil.example"))) == "origin_not_allowed"
    assert code(KEYED, replace(asked, origins=("http://127.0.0.1:3000", "http://evil.example"))) == "origin_not_allowed"


def test_the_rules_show_no_secret() -> None:
    """Neither the key nor what somebody sends as one."""
    shown = repr((KEYED, replace(MOVIES, api_key=KEY_TEXT, cookie=sessions.begin(KEY))))
    assert KEY_TEXT not in shown
    assert "cookie" not in shown
