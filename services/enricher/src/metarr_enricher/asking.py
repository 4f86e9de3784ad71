"""Asks a provider with all that has been learned of it: pauses, refused keys, throttling, repeated failures."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from metarr_chassis.clock import Clock
from metarr_chassis.event_store import EventStore
from metarr_contracts import subjects
from metarr_contracts.events import SchedulePlanned
from metarr_contracts.fields import ProviderName
from metarr_enricher import provider_state
from metarr_enricher.lane import MANUAL, Lane
from metarr_enricher.pacing import LONGEST_WAIT, wants_pause
from metarr_enricher.provider_board import ProviderBoard
from metarr_enricher.providers.outcomes import (
    Answer,
    Failure,
    Lookup,
    QuotaExhausted,
    Throttled,
    Unauthorized,
    Unavailable,
    Unexpected,
)

__all__ = ["MANUAL", "Asked", "Desk", "Lane", "as_limit", "quota_ends", "throttle_wait"]

Told = TypeVar("Told", bound=Answer | Lookup)

THROTTLE_ATTEMPTS = 4
LONGEST_PAUSE = timedelta(days=1)
"""A provider that wants a longer one by `Retry-After` is asked once a day all the same: the header may be nonsense."""
FAILURES_BEFORE_PAUSE = 10
FAILURE_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True)
class Asked:
    """What came of asking, and until when the provider is limited, where it is.

    `sent` is False where a standing pause or refusal, or the reserve, answered without a request.
    """

    outcome: Answer | Lookup
    limited_until: datetime | None = None
    sent: bool = True


def throttle_wait(outcome: Throttled, attempt: int) -> float:
    """Seconds to wait before asking again: what the provider says, else doubling from one second."""
    return outcome.retry_after if outcome.retry_after is not None else float(2**attempt)


def as_limit(outcome: Throttled, now: datetime) -> Throttled | QuotaExhausted:
    """A provider that wants to be left alone for long is paused, as when its quota is used up."""
    if outcome.retry_after is None or not wants_pause(outcome):
        return outcome
    return QuotaExhausted(now + timedelta(seconds=min(outcome.retry_after, LONGEST_PAUSE.total_seconds())))


def quota_ends(outcome: QuotaExhausted, planned: datetime | None, now: datetime) -> datetime:
    """When to try again: when the provider says, else at the next scheduled run, else at midnight UTC."""
    if outcome.until is not None:
        return outcome.until
    if planned is not None and planned > now:
        return planned
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


class Desk:
    """Where providers are asked."""

    def __init__(self, board: ProviderBoard, store: EventStore, clock: Clock) -> None:
        self._board = board
        self._store = store
        self._clock = clock
        self._failures: dict[ProviderName, int] = {}

    async def ask(
        self,
        provider: ProviderName,
        request: Callable[[], Awaitable[Told]],
        lane: Lane = MANUAL,  # noqa: ARG002 (until the lanes are there)
    ) -> Asked:
        """The outcome; a provider that is paused or refused our key is not asked.

        `lane` is the one in which `request` goes out: `desk.ask(name, lambda: provider.ask(ids, lane), lane)`.
        """
        refusal = provider_state.standing(self._board.state(provider), self._clock.now())
        if refusal is not None:
            return Asked(refusal, self._board.state(provider).paused_until, sent=False)
        outcome: Answer | Lookup = await self._ask_patiently(request)
        if isinstance(outcome, Throttled):
            outcome = as_limit(outcome, self._clock.now())
        if isinstance(outcome, Failure):
            return Asked(outcome, await self._learn(provider, outcome))
        await self._answered(provider)
        return Asked(outcome)

    async def _ask_patiently(self, request: Callable[[], Awaitable[Told]]) -> Told:
        for attempt in range(THROTTLE_ATTEMPTS - 1):
            outcome = await request()
            if not isinstance(outcome, Throttled) or throttle_wait(outcome, attempt) > LONGEST_WAIT:
                return outcome
            await asyncio.sleep(throttle_wait(outcome, attempt))
        return await request()

    async def _learn(self, provider: ProviderName, outcome: Failure) -> datetime | None:
        now = self._clock.now()
        match outcome:
            case Throttled():
                return now + timedelta(seconds=throttle_wait(outcome, 0))
            case QuotaExhausted():
                until = quota_ends(outcome, await self._planned(), now)
                return await self._pause(provider, "quota", until, "The request limit is reached", now)
            case Unauthorized():
                await self._board.decide(
                    provider, lambda state: provider_state.refuse(state, provider, outcome.message, now)
                )
                return None
            case Unavailable() | Unexpected():
                self._failures[provider] = self._failures.get(provider, 0) + 1
                if self._failures[provider] < FAILURES_BEFORE_PAUSE:
                    return None
                self._failures[provider] = 0
                await self._pause(provider, "failures", now + FAILURE_PAUSE, outcome.message, now)
                return None

    async def _pause(
        self, provider: ProviderName, reason: Literal["quota", "failures"], until: datetime, message: str, now: datetime
    ) -> datetime:
        state = await self._board.decide(
            provider, lambda state: provider_state.pause(state, provider, reason, until, message, now)
        )
        return state.paused_until or until

    async def _answered(self, provider: ProviderName) -> None:
        self._failures[provider] = 0
        now = self._clock.now()
        await self._board.decide(provider, lambda state: provider_state.answered(state, provider, now))

    async def _planned(self) -> datetime | None:
        last = await self._store.last(subjects.SCHEDULE_EVENTS)
        return last.body.scheduled_for if last and isinstance(last.body, SchedulePlanned) else None
