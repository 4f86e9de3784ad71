"""Pure: the NATS servers that one setting names, and who connects to them."""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

SCHEMES = frozenset({"nats", "tls", "ws", "wss"})
WEB_SOCKETS = frozenset({"ws", "wss"})
TLS_SCHEMES = frozenset({"tls", "wss"})
DEFAULT_SCHEME = "nats"
PLACE = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::[0-9]*)?")
UNLIKELY = re.compile(r"[@\s\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class NatsServers:
    """Servers of one bus. As text they are addresses alone, without what nobody may see.

    Attributes:
        urls: Addresses without user and password.
        user: With a password the user's name, without one a token; None: nobody is named.
        password: None where there is none.
    """

    urls: tuple[str, ...]
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return ", ".join(self.urls)

    @property
    def who(self) -> str:
        """Who connects, for a person, without what nobody may see."""
        if self.password is None:
            return "who names no user" if self.user is None else "the token"
        return f"the user {self.user} or its password"


def parse_servers(text: str) -> NatsServers:
    """Read addresses that are separated by commas; user and password of one hold for all, as servers join and leave.

    Raises:
        ValueError: an address is none, or they name different users.
    """
    parts = [_split(address.strip()) for address in text.split(",")]
    if len({part.scheme in WEB_SOCKETS for part in parts}) > 1:
        raise ValueError("either all servers or none are reached by WebSocket")
    users = {(part.username, part.password) for part in parts if part.username is not None}
    if len(users) > 1:
        raise ValueError("all servers are given the same user and password; naming them once is enough")
    user, password = users.pop() if users else (None, None)
    return NatsServers(
        tuple(f"{part.scheme}://{_place(part)}{part.path}" for part in parts), _decoded(user), _decoded(password)
    )


def _split(address: str) -> SplitResult:
    try:
        part = urlsplit(address if "://" in address else f"{DEFAULT_SCHEME}://{address}")
        # What comes before an @ that is not where it belongs is a piece of a password, and not to be shown.
        is_whole = not (part.query or part.fragment or UNLIKELY.search(part.path))
        urlsplit(f"//{_place(part)}")  # of what is in brackets only the first is looked at there
        if part.scheme in SCHEMES and PLACE.fullmatch(_place(part)) and part.port != 0 and is_whole:
            return part
    except ValueError:
        pass
    # Without the address: there may be a password in it.
    raise ValueError("expected addresses such as nats://127.0.0.1:4222, separated by commas")


def _place(part: SplitResult) -> str:
    return part.netloc.rpartition("@")[2]


def _decoded(text: str | None) -> str | None:
    return None if text is None else unquote(text)
