"""Pure: whether an address of a database is one; looked at before it is used, since a driver's complaint shows it."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

SCHEMES = frozenset({"postgres", "postgresql"})
LAST_PORT = 65535
EXPECTED = (
    "expected an address such as postgresql://user:password@host:5432/database;"
    " what is special in a password is percent-encoded (%40 for @)"
)

NAMES_NO_USER = "expected the name of a user in the address, of 63 bytes at most"
LONGEST_NAME = 63
"""Bytes; the server would cut it off in silence."""
TLS_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
TLS_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


@dataclass(frozen=True)
class Login:
    """The user of an address; without a password where the server does not ask for one."""

    user: str
    password: str | None = field(repr=False)


def require_address(text: str) -> str:
    """The address, which may name several hosts, or none where the query does.

    Raises:
        ValueError: it is none. The message holds nothing of it: there may be a password in it.
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(EXPECTED) from None
    hosts = parts.netloc.rpartition("@")[2].split(",")
    # What comes before an @ that is not where it belongs is a piece of a password.
    is_whole = not parts.fragment and "@" not in parts.path
    if parts.scheme not in SCHEMES or not is_whole or not all(map(_is_host, hosts)):
        raise ValueError(EXPECTED)
    return text


def login(address: str) -> Login:
    """Who logs in with this address, read as the driver reads it.

    Raises:
        ValueError: it is no address, or names nobody. The message holds nothing of it.
    """
    parts = urlsplit(require_address(address))
    userinfo, at, _ = parts.netloc.partition("@")
    user, _, password = userinfo.partition(":") if at else ("", "", "")
    query = _query(address)
    found = Login(unquote(user) or query.get("user", ""), unquote(password) or query.get("password"))
    if not found.user or "\0" in found.user or len(found.user.encode(errors="replace")) > LONGEST_NAME:
        raise ValueError(NAMES_NO_USER)
    return found


def tls_files(address: str) -> dict[str, str]:
    """The files that TLS to this address needs, by the names of their parameters: paths.

    Raises:
        ValueError: it asks for a kind of TLS that there is not.
    """
    query = _query(address)
    if query.get("sslmode", TLS_MODES[0]) not in TLS_MODES:
        raise ValueError(f"expected one of {', '.join(TLS_MODES)} as sslmode in the address")
    return {name: query[name] for name in TLS_FILES if name in query}


def require_login(address: str) -> str:
    """The address, which names a user; raises as `login`."""
    login(address)
    return address


def _query(address: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}


def _is_host(text: str) -> bool:
    """Whether this is a name or a number, in brackets when it is one with colons, and a port where there is one."""
    host, bracket, rest = text.rpartition("]")
    name, colon, port = rest.partition(":") if bracket else text.partition(":")
    if bracket and (name or not host.startswith("[")):
        return False
    return not colon or (port.isascii() and port.isdecimal() and 0 < int(port) <= LAST_PORT)
