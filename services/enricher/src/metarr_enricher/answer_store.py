"""What providers answered, kept on the bus: stored before anything is decided from it; the last answer is the cache."""

import asyncio
from datetime import datetime

import nats.js.errors
import structlog
from pydantic import ValidationError

from metarr_chassis.bus import UNAVAILABLE, Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import streams, subjects
from metarr_contracts.answers import LookupAnswered, ProviderAnswered
from metarr_contracts.commands import RunPart
from metarr_contracts.envelope import Envelope, read_envelope
from metarr_contracts.fields import ProviderName
from metarr_contracts.registry import UnknownTypeError, decode, type_of
from metarr_enricher.cause import Cause
from metarr_enricher.freshness import PLAIN

log = structlog.get_logger()

ATTEMPTS = 12
"""Publishes of one answer, over half a minute: where it is lost, it costs another request."""
RETRY_SECONDS = 0.2
LONGEST_SECONDS = 3.0
MOST_UNSTORED = 2048
"""Answers that could not be stored and are kept here: four for each film that can be in work at a time."""


def is_fresh(
    answer: ProviderAnswered | LookupAnswered, *, job_id: int, force: bool, commanded_at: datetime, now: datetime
) -> bool:
    """Whether an answer may stand in for a request. What this job itself has fetched always may."""
    if answer.job_id == job_id or answer.fetched_at >= commanded_at:
        return True
    return not force and now - answer.fetched_at < PLAIN


def serves_run(answer: ProviderAnswered | LookupAnswered, run: RunPart, *, provider: ProviderName, job_id: int) -> bool:
    """Whether an answer may stand in for a request of a run, which has decided itself who is to be asked."""
    return provider not in run.due or answer.job_id == job_id or answer.fetched_at >= run.asked_since


class AnswerStore:
    """METARR_ANSWERS for the enricher.

    What could not be stored, as when a disk is full, is kept and stored before it is looked for again: it is an answer
    that need not be asked for a second time. So is what somebody was cancelled over, as when the answer of another
    provider could not be stored.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._unstored: dict[str, tuple[Envelope, bytes]] = {}

    async def last(self, provider: ProviderName, movie_id: int) -> ProviderAnswered | None:
        """The provider's last answer on the film."""
        found = await self._last(subjects.answer(provider, movie_id))
        return found if isinstance(found, ProviderAnswered) else None

    async def last_lookup(self, movie_id: int) -> LookupAnswered | None:
        """The last answer to which film it is."""
        found = await self._last(subjects.lookup_answer(movie_id))
        return found if isinstance(found, LookupAnswered) else None

    async def put(self, answer: ProviderAnswered | LookupAnswered, cause: Cause) -> None:
        """Store an answer, once however often it is repeated.

        Raises:
            BusUnavailableError: it is not known whether it was stored.
        """
        subject = (
            subjects.answer(answer.provider, answer.movie_id)
            if isinstance(answer, ProviderAnswered)
            else subjects.lookup_answer(answer.movie_id)
        )
        envelope = Envelope(
            id=cause.message_id(subject, answer.asked_with),
            type=type_of(answer),
            source="/metarr/enricher",
            time=answer.fetched_at,
            subject=subject,
            correlation_id=cause.correlation_id or cause.id,
            causation_id=cause.id,
        )
        await self._store(subject, envelope, answer.to_json())

    async def _publish_late(self, subject: str) -> None:
        """Store what was kept, unless somebody else has stored an answer since; raises as `put`."""
        envelope, payload = self._unstored[subject]
        last = await self._read(subject)
        if isinstance(last, ProviderAnswered | LookupAnswered) and last.fetched_at >= envelope.time:
            self._unstored.pop(subject, None)
        else:
            await self._store(subject, envelope, payload)

    async def _store(self, subject: str, envelope: Envelope, payload: bytes) -> None:
        try:
            await self._publish(subject, envelope, payload)
        except (BusUnavailableError, asyncio.CancelledError):
            self._keep(subject, envelope, payload)
            raise
        self._unstored.pop(subject, None)

    async def _publish(self, subject: str, envelope: Envelope, payload: bytes) -> None:
        for attempt in range(ATTEMPTS):
            try:
                await self._bus.js.publish(subject, payload, stream=streams.ANSWERS, headers=envelope.headers())
            except (nats.js.errors.APIError, *UNAVAILABLE) as error:
                log.warning("answer not acknowledged", subject=subject, attempt=attempt, error=str(error))
                await asyncio.sleep(min(RETRY_SECONDS * 2**attempt, LONGEST_SECONDS))
            else:
                return
        raise BusUnavailableError(f"{subject} was not acknowledged")

    def _keep(self, subject: str, envelope: Envelope, payload: bytes) -> None:
        self._unstored[subject] = envelope, payload
        if len(self._unstored) > MOST_UNSTORED:
            del self._unstored[next(iter(self._unstored))]

    async def _last(self, subject: str) -> object:
        if subject in self._unstored:
            await self._publish_late(subject)
        return await self._read(subject)

    async def _read(self, subject: str) -> object:
        message = await self._bus.last_message(streams.ANSWERS, subject)
        if message is None:
            return None
        try:
            return decode(read_envelope(message.headers), message.data)
        except (ValidationError, UnknownTypeError) as error:
            log.warning("unreadable answer", subject=subject, error=str(error))
            return None
