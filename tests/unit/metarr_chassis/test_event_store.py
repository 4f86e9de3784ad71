"""What an append says when the server takes it for a repetition, as one of three nodes does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from nats.js.api import PubAck

from metarr_chassis.bus import Bus, RawMessage
from metarr_chassis.errors import ConflictError
from metarr_chassis.event_store import EventStore, NewEvent
from metarr_contracts.envelope import Envelope
from metarr_contracts.events import CancelRequested
from metarr_contracts.registry import type_of

NOW = datetime(2025, 11, 22, 3, tzinfo=UTC)
SUBJECT = "metarr.evt.bulk"


@dataclass
class Server:
    """A bus whose stream holds one message, and calls every publish a duplicate of it."""

    stored: RawMessage | None
    published: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def js(self) -> "Server":
        """Publishes."""
        return self

    async def publish(self, _subject: str, _payload: bytes, *, stream: str, headers: Mapping[str, str]) -> PubAck:
        """Nothing new is stored."""
        self.published.append(headers)
        return PubAck(stream=stream, seq=7, duplicate=True)

    async def next_message(self, _stream: str, _subject: str, seq: int) -> RawMessage | None:
        """The stored message."""
        return self.stored if self.stored is not None and self.stored.seq >= seq else None


def event(job_id: int, name: str = "same") -> NewEvent:
    """A fact under an id."""
    return NewEvent(id=name, body=CancelRequested(job_id=job_id), time=NOW)


def stored(job_id: int) -> RawMessage:
    """The fact as it lies in the stream."""
    body = CancelRequested(job_id=job_id)
    envelope = Envelope(id="same", type=type_of(body), source="/metarr/test", time=NOW)
    return RawMessage(seq=7, subject=SUBJECT, headers=envelope.headers(), data=body.to_json(), time=NOW)


async def append(server: Server, new: NewEvent) -> Any:
    """Append after the fifth message."""
    return await EventStore(cast("Bus", server), "test").append(SUBJECT, new, 5)


async def test_what_is_stored_is_returned() -> None:
    """Not what was to be stored: the decision is then made again."""
    recorded = await append(Server(stored(job_id=1)), event(job_id=2))
    assert (recorded.seq, recorded.body) == (7, CancelRequested(job_id=1))


async def test_a_repetition_of_what_came_before_is_a_conflict() -> None:
    """Nothing was stored after what was expected."""
    with pytest.raises(ConflictError):
        await append(Server(None), event(job_id=2))
