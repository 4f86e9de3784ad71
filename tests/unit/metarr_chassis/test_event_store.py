"""What an append says when the server takes it for a repetition, as one of three nodes does, or for a conflict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from nats.js.api import PubAck
from nats.js.errors import APIError

from metarr_chassis import event_store
from metarr_chassis.bus import CONFLICTS, Bus, RawMessage
from metarr_chassis.errors import BusUnavailableError, ConflictError
from metarr_chassis.event_store import EventStore, NewEvent
from metarr_contracts.envelope import Envelope
from metarr_contracts.events import CancelRequested
from metarr_contracts.registry import type_of

NOW = datetime(2025, 11, 22, 3, tzinfo=UTC)
SUBJECT = "metarr.evt.bulk"


@dataclass
class Server:
    """A bus whose stream holds one message, and calls every publish a duplicate of it, or refuses it by this code.

    So many looks at the stream are not answered at first.
    """

    stored: RawMessage | None
    refusal: int | None = None
    unanswered: int = 0
    published: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def js(self) -> "Server":
        """Publishes."""
        return self

    async def publish(self, _subject: str, _payload: bytes, *, stream: str, headers: Mapping[str, str]) -> PubAck:
        """Nothing new is stored."""
        self.published.append(headers)
        if self.refusal is not None:
            raise APIError(code=400, err_code=self.refusal)
        return PubAck(stream=stream, seq=7, duplicate=True)

    async def next_message(self, _stream: str, _subject: str, seq: int) -> RawMessage | None:
        """The stored message."""
        if self.unanswered:
            self.unanswered -= 1
            raise BusUnavailableError("no leader")
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


@pytest.mark.parametrize("refusal", [None, *sorted(CONFLICTS)])
@pytest.mark.parametrize("unanswered", [1, event_store.ATTEMPTS - 1])
async def test_a_look_at_the_stream_that_nobody_answers_is_repeated(
    monkeypatch: pytest.MonkeyPatch, refusal: int | None, unanswered: int
) -> None:
    """A busy or changing leader: the append ends as it would have, with its own event or with a conflict."""
    monkeypatch.setattr(event_store, "RETRY_SECONDS", 0)
    recorded = await append(Server(stored(job_id=2), refusal, unanswered), event(job_id=2))
    assert (recorded.seq, recorded.body) == (7, CancelRequested(job_id=2))
    with pytest.raises(ConflictError):
        await append(Server(stored(job_id=2), refusal, unanswered), event(job_id=2, name="another"))


async def test_an_append_that_is_never_answered_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends, and says that it may be repeated."""
    monkeypatch.setattr(event_store, "RETRY_SECONDS", 0)
    server = Server(stored(job_id=2), min(CONFLICTS), event_store.ATTEMPTS)
    with pytest.raises(BusUnavailableError, match="not acknowledged"):
        await append(server, event(job_id=2))
    assert len(server.published) == event_store.ATTEMPTS
