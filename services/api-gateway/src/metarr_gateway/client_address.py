"""Who asks: the address that limits count by, told by the connection or by a trusted proxy. Pure."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

SUBSCRIBER_BITS = 64
"""Of IPv6 a subscriber has at least so much to himself: one who counted by address could take a new one each time."""
REMEMBERED = 1_024
"""Addresses that are looked at once: most requests come from where one has just come from."""


def client_of(peer: str, forwarded_for: Sequence[str], trusted: Networks) -> str:
    """The address or network that a request counts for.

    Args:
        peer: Where the connection comes from.
        forwarded_for: The values of `X-Forwarded-For`, in their order. Each proxy adds at the end from whom it has the
            request, so the last that is no trusted proxy's is the client; what stands before it anybody may have made
            up. Without a trusted peer nothing of it counts.
        trusted: The networks of the proxies.
    """
    address = _read(peer)
    if address is None:
        return peer
    for told in _from_the_end(forwarded_for):
        if not is_trusted(address, trusted):
            break
        before = _read(told)
        if before is None:
            break
        address = before
    return _counted(address)


def trusts(peer: str, trusted: Networks) -> bool:
    """Whether a connection from there is that of a trusted proxy."""
    address = _read(peer)
    return address is not None and is_trusted(address, trusted)


def is_trusted(address: Address, trusted: Networks) -> bool:
    """Whether a proxy of this address is believed."""
    return any(address in network for network in trusted)


def read_networks(text: str) -> Networks:
    """Networks or addresses, separated by commas.

    Raises:
        ValueError: one of them is none.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _from_the_end(forwarded_for: Sequence[str]) -> Iterable[str]:
    for value in reversed(forwarded_for):
        yield from reversed(value.split(","))


@lru_cache(maxsize=REMEMBERED)
def _read(text: str) -> Address | None:
    """An address, as some proxies write it with its port too; one of IPv4 in the clothes of IPv6 is one of IPv4."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


@lru_cache(maxsize=REMEMBERED)
def _counted(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, SUBSCRIBER_BITS), strict=False))
