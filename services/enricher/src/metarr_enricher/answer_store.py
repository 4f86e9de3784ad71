"""What providers answered, kept on the bus: stored before anything is decided from it; the last answer is the cache."""

import asyncio
from datetime import datetime

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

ATTEMPTS = 5


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
    """METARR_ANSWERS for the enricher."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

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
        await self._publish(subject, envelope, answer.to_json())

    async def _publish(self, subject: str, envelope: Envelope, payload: bytes) -> None:
        for attempt in range(ATTEMPTS):
            try:
                await self._bus.js.publish(subject, payload, stream=streams.ANSWERS, headers=envelope.headers())
            except UNAVAILABLE as error:
                log.warning("answer not acknowledged", subject=subject, attempt=attempt, error=type(error).__name__)
                await asyncio.sleep(0.2 * 2**attempt)
            else:
                return
        raise BusUnavailableError(f"{subject} was not acknowledged")

    async def _last(self, subject: str) -> object:
        message = await self._bus.last_message(streams.ANSWERS, subject)
        if message is None:
            return None
        try:
            return decode(read_envelope(message.headers), message.data)
        except (ValidationError, UnknownTypeError) as error:
            log.warning("unreadable answer", subject=subject, error=str(error))
            return None
