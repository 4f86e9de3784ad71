"""From a stored message to an event, or to the reason why it is none. Never raises: the projection goes on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from metarr_contracts import registry
from metarr_contracts.base import Value
from metarr_contracts.envelope import read_envelope
from metarr_projector.patches import DeadEvent

NUL = b"\\u0000"
ESCAPED_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


@dataclass(frozen=True, slots=True)
class Received:
    """A message as the stream holds it; `received_at` in nanoseconds of Unix time."""

    seq: int
    subject: str
    headers: Mapping[str, str]
    data: bytes
    received_at: int = 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with the message that it came in."""

    message: Received
    id: str
    time: datetime
    body: Value

    @property
    def seq(self) -> int:
        """Its place in the stream."""
        return self.message.seq


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A message that is no event of this version, with what goes into the dead letter."""

    message: Received
    reason: str

    @property
    def seq(self) -> int:
        """Its place in the stream."""
        return self.message.seq

    @property
    def id(self) -> str:
        """Its id; empty where it has none."""
        return event_id(self.message.headers)

    def row(self) -> DeadEvent:
        """The row that remembers it."""
        message = self.message
        kind = message.headers.get("ce-type", "")
        return DeadEvent(self.seq, _storable(message.subject), _storable(kind), _storable(self.reason))


Item = Recorded | Undecodable


def event_id(headers: Mapping[str, str]) -> str:
    """The event's id as Postgres can store it; empty where it has none."""
    return _storable(headers.get("ce-id", ""))


def decode(message: Received) -> Item:
    """The event in a message. NUL characters, which Postgres cannot store, are left out."""
    data = message.data
    if NUL in data:
        data = ESCAPED_NUL.sub(rb"\1", data)
    try:
        envelope = read_envelope(message.headers)
        return Recorded(message, event_id(message.headers), envelope.time, registry.decode(envelope, data))
    except ValidationError as error:
        return Undecodable(message, _first_problem(error))
    except registry.UnknownTypeError as error:
        return Undecodable(message, str(error))


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{error.title} {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def _storable(text: str) -> str:
    return text.replace("\0", "").encode(errors="replace").decode()
