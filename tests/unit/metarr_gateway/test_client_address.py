"""By which address a request counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_gateway.client_address import client_of, read_networks, trusts

PROXIES = read_networks("10.0.0.0/8, 192.168.1.1, fd00::/8")
ADDRESSES = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1, 192.168.1.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 10.9.9.9, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3,10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["6.6.6.6, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8:1:2:3::4]:4711"], "2001:db8:1:2::/64"),
        ("fd00::1", ["2001:db8::1"], "2001:db8::/64"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_last_that_is_no_proxy(peer: str, forwarded_for: list[str], client: str) -> None:
    """What a client writes itself counts for nothing; of IPv6 a /64 is one client."""
    assert client_of(peer, forwarded_for, PROXIES) == client


@given(forged=st.lists(ADDRESSES | st.text(max_size=20)), client=st.ip_addresses(v=4, network="198.51.100.0/24"))
def test_nothing_that_is_forged_moves_it(forged: list[str], client: object) -> None:
    """Whatever the client sends before: the proxy's own word comes last."""
    assert client_of("10.0.0.1", [*forged, str(client)], PROXIES) == str(client)
    assert client_of(str(client), forged, PROXIES) == str(client)


@given(st.text(max_size=50), st.lists(st.text(max_size=50)))
def test_no_text_breaks_it(peer: str, forwarded_for: list[str]) -> None:
    """Headers are anybody's."""
    assert isinstance(client_of(peer, forwarded_for, PROXIES), str)


def test_whose_connections_are_not_counted() -> None:
    """Those of the proxies."""
    assert trusts("10.1.2.3", PROXIES)
    assert trusts("::ffff:10.1.2.3", PROXIES)
    assert not trusts("11.1.2.3", PROXIES)
    assert not trusts("nobody", PROXIES)
    assert not trusts("10.1.2.3", ())


def test_networks_as_they_are_written() -> None:
    """Addresses are networks of one; a network has no bits beside its own."""
    assert [str(network) for network in PROXIES] == ["10.0.0.0/8", "192.168.1.1/32", "fd00::/8"]
    assert read_networks("") == ()
    for wrong in ("10.0.0.1/8", "proxy.example", "10.0.0.0/8;fd00::/8"):
        with pytest.raises(ValueError, match=r"does not appear|host bits"):
            read_networks(wrong)
