"""Append and read facts. Optimistic concurrency lives here and nowhere else: a publish with the expected sequence."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import nats.js.errors
import structlog
from nats.js.api import PubAck
from pydantic import ValidationError

from metarr_chassis import tracing
from metarr_chassis.bus import CONFLICTS, UNAVAILABLE, Bus
from metarr_chassis.errors import BusUnavailableError, ConflictError
from metarr_contracts import streams
from metarr_contracts.base import Value
from metarr_contracts.envelope import Envelope, read_envelope
from metarr_contracts.registry import UnknownTypeError, decode, type_of

log = structlog.get_logger()

EXPECTED = "Nats-Expected-Last-Subject-Sequence"
ATTEMPTS = 5
"""Publishes of one append whose acknowledgement was lost."""
RETRY_SECONDS = 0.2
"""Before the first repetition; doubled for each further one."""


@dataclass(frozen=True)
class NewEvent:
    """A fact to append. The id derives from the command, so that a repeated decision is the same message."""

    id: str
    body: Value
    time: datetime
    correlation_id: str | None = None
    causation_id: str | None = None


@dataclass(frozen=True)
class Recorded:
    """A stored fact; `body` is None where this version cannot read it."""

    seq: int
    id: str
    time: datetime
    body: Value | None


class EventStore:
    """METARR_EVENTS for one writing service."""

    def __init__(self, bus: Bus, source: str) -> None:
        self._bus = bus
        self._source = f"/metarr/{source}"

    async def append(self, subject: str, event: NewEvent, expected: int) -> Recorded:
        """Append if the subject's last sequence is `expected` (0: the subject is empty); returns what is stored.

        Safe to repeat: an event of the same id that is there already is returned as it is, perhaps with another body.

        Raises:
            ConflictError: somebody else wrote to the subject.
            BusUnavailableError: it is not known whether the event was stored; append it again.
        """
        with tracing.sending(subject, event.id, type_of(event.body)):
            return await self._append(subject, event, expected)

    async def _append(self, subject: str, event: NewEvent, expected: int) -> Recorded:
        for attempt in range(ATTEMPTS):
            try:
                return await self._attempt(subject, event, expected)
            except (nats.js.errors.APIError, BusUnavailableError, *UNAVAILABLE) as error:
                # On three nodes also: the leader is about to change, or is at this very event since the last attempt.
                log.warning("append not acknowledged", subject=subject, attempt=attempt, error=str(error))
                await asyncio.sleep(RETRY_SECONDS * 2**attempt)
        raise BusUnavailableError(f"{subject} was not acknowledged")

    async def _attempt(self, subject: str, event: NewEvent, expected: int) -> Recorded:
        try:
            ack = await self._publish(subject, event, expected)
        except nats.js.errors.APIError as error:
            if error.err_code not in CONFLICTS:
                raise
            return await self._find_own(subject, event, expected)
        if ack.duplicate:
            # What is stored under this id already may say something else.
            return await self._find_own(subject, event, expected)
        return Recorded(ack.seq, event.id, event.time, event.body)

    async def read(self, subject: str, after: int = 0) -> AsyncIterator[Recorded]:
        """The subject's facts after a sequence, from the stream's leader: never behind an own write."""
        while (message := await self._bus.next_message(streams.EVENTS, subject, after + 1)) is not None:
            after = message.seq
            yield _recorded(message.seq, dict(message.headers), message.data, message.time)

    async def last(self, subject: str) -> Recorded | None:
        """The subject's last fact, from the stream's leader."""
        message = await self._bus.last_message(streams.EVENTS, subject)
        if message is None:
            return None
        return _recorded(message.seq, dict(message.headers), message.data, message.time)

    async def _publish(self, subject: str, event: NewEvent, expected: int) -> PubAck:
        envelope = Envelope(
            id=event.id,
            type=type_of(event.body),
            source=self._source,
            time=event.time,
            subject=subject,
            correlation_id=event.correlation_id,
            causation_id=event.causation_id,
        )
        headers = {**tracing.carried(), **envelope.headers(), EXPECTED: str(expected)}
        return await self._bus.js.publish(subject, event.body.to_json(), stream=streams.EVENTS, headers=headers)

    async def _find_own(self, subject: str, event: NewEvent, expected: int) -> Recorded:
        # A lost acknowledgement shows as a conflict with our own event.
        async for recorded in self.read(subject, expected):
            if recorded.id == event.id:
                return recorded
        raise ConflictError(subject)


def _recorded(seq: int, headers: dict[str, str], data: bytes, stored_at: datetime) -> Recorded:
    try:
        envelope = read_envelope(headers)
        body = decode(envelope, data)
    except (ValidationError, UnknownTypeError) as error:
        log.warning("unreadable event", seq=seq, error=str(error))
        return Recorded(seq, headers.get("ce-id", ""), stored_at, None)
    return Recorded(seq, envelope.id, envelope.time, body)
