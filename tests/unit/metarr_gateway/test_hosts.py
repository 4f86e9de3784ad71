"""Names by which the server is called, and pages that call it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_gateway.hosts import (
    Authority,
    cannot_be_rebound,
    canonical,
    is_loopback,
    is_same_site,
    names_of,
    parse_names,
)

LABELS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=20)
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join).filter(lambda name: not name[-1].isdigit())
ADDRESSES = st.ip_addresses().map(lambda ip: f"[{ip}]" if ip.version == 6 else str(ip))
HOSTS = NAMES | ADDRESSES
PORTS = st.integers(1, 65535)


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("metarr.example", Authority("metarr.example", None)),
        ("Metarr.Example.:3000", Authority("metarr.example", 3000)),
        ("metarr.example:", Authority("metarr.example", None)),
        ("nas_2", Authority("nas_2", None)),
        ("[::1]:3000", Authority("::1", 3000)),
        ("[0:0::0001]", Authority("::1", None)),
        ("192.168.0.7:80", Authority("192.168.0.7", 80)),
        ("::1", None),
        ("[::1", None),
        ("[127.0.0.1]x", None),
        ("", None),
        (":3000", None),
        (".", None),
        ("a..b", None),
        ("-a.example", None),
        ("a:b", None),
        ("a:123456", None),
        ("user@a", None),
        ("a/b", None),
        ("a b", None),
        ("a,b", None),
        ("müller.example", None),
    ],
)
def test_what_is_called(text: str, authority: Authority | None) -> None:
    """In whatever case, with a point at its end, and with or without a port; what is no host is none."""
    assert Authority.parse(text) == authority


@given(HOSTS, PORTS)
def test_a_page_of_ours_is_of_the_same_site(host: str, port: int) -> None:
    """A browser names the same host and port in both headers, and leaves the usual port out of both."""
    for scheme, usual in (("http", 80), ("https", 443)):
        said = host if port == usual else f"{host}:{port}"
        assert is_same_site(f"{scheme}://{said}".lower(), Authority.parse(said.upper()), frozenset())
        assert is_same_site(f"{scheme}://{host}:{usual}", Authority.parse(host), frozenset())


@given(HOSTS, HOSTS, PORTS, PORTS)
def test_a_page_of_another_site_is_not(one: str, other: str, port: int, other_port: int) -> None:
    """Another name or another port is another site."""
    same = canonical(one) == canonical(other) and port == other_port
    assert is_same_site(f"http://{one}:{port}", Authority.parse(f"{other}:{other_port}"), frozenset()) == same


@given(
    st.text() | st.sampled_from(["null", "file://", "http://", "https://a b", "ftp://metarr.example", "metarr.example"])
)
def test_what_is_no_page_of_the_web_is_not(origin: str) -> None:
    """Sandboxed frames and files have the origin `null`."""
    assert not is_same_site(origin, Authority.parse("metarr.example"), frozenset({"metarr.example"}))


def test_a_page_of_a_trusted_name_is() -> None:
    """By name, whatever its port and whatever we are called: a proxy may call us as it likes."""
    trusted = frozenset({"metarr.example"})
    assert is_same_site("https://Metarr.Example:8443", Authority.parse("metarr-api-gateway:3000"), trusted)
    assert is_same_site("https://metarr.example", None, trusted)
    assert not is_same_site("https://evil.example", None, trusted)
    assert not is_same_site("https://metarr.example.evil.example", None, trusted)


def test_behind_tls_the_usual_port_is_that_of_the_page() -> None:
    """The proxy speaks HTTP with us and hands `Host` on."""
    assert is_same_site("https://metarr.example", Authority.parse("metarr.example"), frozenset())
    assert is_same_site("https://metarr.example", Authority.parse("metarr.example:443"), frozenset())
    assert not is_same_site("http://metarr.example", Authority.parse("metarr.example:443"), frozenset())


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),  # noqa: S104 - nothing is bound
        ("::", False),
        ("", False),
        ("192.168.0.7", False),
        ("nas", False),
        ("localhost.example", False),
    ],
)
def test_whom_only_this_machine_reaches(host: str, *, loopback: bool) -> None:
    """A name may be anybody's, and no name means all addresses."""
    assert is_loopback(host) == loopback


@pytest.mark.parametrize("name", ["127.0.0.1", "192.168.0.7", "::1", "fe80::1", "localhost", "metarr.localhost"])
def test_what_no_other_site_can_have(name: str) -> None:
    """An address is nobody's name, and browsers know themselves where `localhost` is."""
    assert cannot_be_rebound(name)


@pytest.mark.parametrize(
    "name", ["evil.example", "localhost.evil.example", "notlocalhost", "nas", "127.0.0.1.evil.example"]
)
def test_what_another_site_can_have(name: str) -> None:
    """Any name may lead here."""
    assert not cannot_be_rebound(name)


def test_what_a_machine_is_called() -> None:
    """With its domain, without it, and as its neighbours find it."""
    assert names_of("NAS.Home.example") == {"nas.home.example", "nas", "nas.local"}
    assert names_of("nas") == {"nas", "nas.local"}
    assert names_of("10.0.0.1") == names_of("what is this?") == set()


def test_names_are_read() -> None:
    """In any case and with spaces; an empty list names none."""
    assert parse_names(" Metarr.Example., nas ,[::1]") == {"metarr.example", "nas", "::1"}
    assert parse_names(" , ") == set()
    for wrong in ("metarr.example:3000", "https://metarr.example", "*.example", "a b", "müller"):
        with pytest.raises(ValueError, match="without ports, separated by commas"):
            parse_names(wrong)


@given(st.text())
def test_a_canonical_name_stays_as_it_is(text: str) -> None:
    """What is compared is compared in one form."""
    name = canonical(text)
    assert name is None or canonical(name) == name
