"""What a request, a command or a note belongs to: an id that log lines and messages of the same work share."""

from collections.abc import Mapping
from contextvars import ContextVar, Token

from metarr_contracts.envelope import CORRELATION_ID

LONGEST = 200
"""Letters of an id: it is in the headers of all that a message leads to, and the server limits these."""

_current: ContextVar[str | None] = ContextVar("correlation", default=None)


def current() -> str | None:
    """The id of what is worked on here; None where it belongs to nothing."""
    return _current.get()


class belonging_to:  # noqa: N801 - it is used as a function, like contextlib.suppress
    """What is done while the context is open belongs to this. A class: for each request a generator would cost more."""

    __slots__ = ("_before", "_id")
    _before: Token[str | None]

    def __init__(self, correlation_id: str | None) -> None:
        self._id = correlation_id

    def __enter__(self) -> None:
        self._before = _current.set(self._id)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._before)


def told(headers: Mapping[str, str] | None) -> str | None:
    """What a message belongs to: what it says, else itself; None for one without a usable id."""
    said = (headers.get(CORRELATION_ID) or headers.get("ce-id")) if headers else None
    return said if said and len(said) <= LONGEST and said.isprintable() else None
