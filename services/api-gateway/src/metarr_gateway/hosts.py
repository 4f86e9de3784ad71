"""By which names the server may be called, and from which pages it may be used. Pure.

A page of another site cannot read our answers, but it can have its own name lead to this machine (DNS rebinding), and
it can send requests without reading the answers, and open WebSockets. `Host` gives away the first, `Origin` the others.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, Self

NAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
AUTHORITY: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::(?P<port>[0-9]{0,5}))?")
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
LOCALHOST: Final = "localhost"
REMEMBERED: Final = 256
"""Names that are looked at once: most requests call us by the one that the request before did."""


@dataclass(frozen=True)
class Authority:
    """A host, in lower case and an IPv6 address without brackets, and its port, None where it is not said."""

    name: str
    port: int | None

    @classmethod
    @lru_cache(maxsize=REMEMBERED)
    def parse(cls, text: str) -> Self | None:
        """What `Host` says, or what follows the `//` of an origin; None for what is neither name nor address."""
        found = AUTHORITY.fullmatch(text)
        if found is None:
            return None
        name = canonical(found["name"])
        return None if name is None else cls(name, int(found["port"]) if found["port"] else None)

    def port_for(self, scheme: str) -> int:
        """The port that is meant."""
        return DEFAULT_PORTS[scheme] if self.port is None else self.port


def canonical(name: str) -> str | None:
    """A host as it is compared; None for what is neither name nor address."""
    if name.startswith("[") or ":" in name:
        inner = name.removeprefix("[").removesuffix("]")
        return _address(inner)
    lower = name.lower().removesuffix(".")
    return _address(lower) or (lower if NAME.fullmatch(lower) else None)


def parse_names(text: str) -> frozenset[str]:
    """The names of a list with commas.

    Raises:
        ValueError: one is neither name nor address; a port does not belong to it.
    """
    names: set[str] = set()
    for part in filter(None, map(str.strip, text.split(","))):
        name = canonical(part)
        if name is None:
            raise ValueError("expected names of hosts, without ports, separated by commas")
        names.add(name)
    return frozenset(names)


def is_loopback(host: str) -> bool:
    """Tell whether nobody but this machine reaches a server that listens there."""
    name = canonical(host)
    return name is not None and (name == LOCALHOST or (_is_address(name) and ip_address(name).is_loopback))


@lru_cache(maxsize=REMEMBERED)
def cannot_be_rebound(name: str) -> bool:
    """Tell whether no other site can have a canonical name lead here: an address, or this machine's own word for it."""
    return _is_address(name) or name == LOCALHOST or name.endswith(f".{LOCALHOST}")


def names_of(machine: str) -> frozenset[str]:
    """What a machine of this name is called by itself and, through multicast DNS, by its neighbours."""
    name = canonical(machine)
    if name is None or _is_address(name):
        return frozenset()
    first = name.partition(".")[0]
    return frozenset({name, first, f"{first}.local"})


def is_same_site(origin: str, host: Authority | None, trusted: frozenset[str]) -> bool:
    """Tell whether a page of `origin` is one of ours: of the host that is asked, or of one of the trusted names.

    The port that is not said is the usual one of the page's scheme: behind a proxy with TLS we are asked without it.
    """
    scheme, separator, rest = origin.lower().partition("://")
    page = Authority.parse(rest) if separator and scheme in DEFAULT_PORTS else None
    if page is None:
        return False
    if page.name in trusted:
        return True
    return host is not None and page.name == host.name and page.port_for(scheme) == host.port_for(scheme)


def _is_address(name: str) -> bool:
    return _address(name) is not None


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
