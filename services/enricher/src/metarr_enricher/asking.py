"""Asks a provider with all that has been learned of it: pauses, refused keys, throttling, repeated failures."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from metarr_chassis.clock import Clock
from metarr_chassis.event_store import EventStore
from metarr_contracts import subjects
from metarr_contracts.events import ScheduleEvent
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_enricher import provider_state
from metarr_enricher.lane import MANUAL, Lane
from metarr_enricher.pacing import LONGEST_WAIT, Pacing, wants_pause
from metarr_enricher.provider_board import ProviderBoard
from metarr_enricher.providers.outcomes import (
    Answer,
    Failure,
    ListedChanges,
    Lookup,
    QuotaExhausted,
    Throttled,
    Unauthorized,
    Unavailable,
    Unexpected,
)
from metarr_enricher.providers.registry import KEY_SETTINGS

Outcome = Answer | Lookup | ListedChanges
Told = TypeVar("Told", bound=Outcome)

THROTTLE_ATTEMPTS = 4
RUN_THROTTLE_ATTEMPTS = 15
"""A run waits 31 seconds that double, then nine times 30: five minutes in all."""
LONGEST_PAUSE = timedelta(days=1)
"""A provider that wants a longer one by `Retry-After` is asked once a day all the same: the header may be nonsense."""
FAILURES_BEFORE_PAUSE = 10
FAILURE_PAUSE = timedelta(minutes=5)
QUOTA_SAID = "The request limit is reached"
THROTTLED_SAID = "It wants fewer requests"


@dataclass(frozen=True)
class Asked:
    """What came of asking, and until when the provider is limited, where it is.

    `sent` is False where a standing pause or refusal, or the reserve, answered without a request.
    """

    outcome: Outcome
    limited_until: datetime | None = None
    sent: bool = True


def throttle_wait(outcome: Throttled, attempt: int, lane: Lane) -> float:
    """Seconds to wait before asking again: what the provider says, else doubling from one second.

    A run, which asks more often, also doubles what is shorter than that, up to half a minute.
    """
    doubled = min(float(2**attempt), LONGEST_WAIT)
    if outcome.retry_after is None:
        return doubled
    return max(outcome.retry_after, doubled) if lane.run else outcome.retry_after


def as_limit(outcome: Throttled, now: datetime) -> Throttled | QuotaExhausted:
    """A provider that wants to be left alone for long is paused, as when its quota is used up."""
    if outcome.retry_after is None or not wants_pause(outcome):
        return outcome
    return QuotaExhausted(now + timedelta(seconds=min(outcome.retry_after, LONGEST_PAUSE.total_seconds())))


def quota_ends(outcome: QuotaExhausted, planned: datetime | None, now: datetime) -> datetime:
    """When to try again: when the provider says, else at the next scheduled run, else at midnight UTC.

    Quotas are daily: the next run may be further away than a day, as when it is weekly, and refreshes by hand are not.
    """
    if outcome.until is not None:
        return outcome.until
    if planned is not None and planned > now:
        return min(planned, now + LONGEST_PAUSE)
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


class Desk:
    """Where providers are asked; each request is counted by the pacing of its provider."""

    def __init__(
        self, board: ProviderBoard, store: EventStore, clock: Clock, pacing: Mapping[ProviderName, Pacing]
    ) -> None:
        self._board = board
        self._store = store
        self._clock = clock
        self._pacing = pacing
        self._failures: dict[ProviderName, int] = {}
        self._probing: dict[ProviderName, asyncio.Lock] = {name: asyncio.Lock() for name in PROVIDERS}
        self._learning: dict[ProviderName, asyncio.Lock] = {name: asyncio.Lock() for name in PROVIDERS}

    async def ask(self, provider: ProviderName, request: Callable[[], Awaitable[Told]], lane: Lane) -> Asked:
        """The outcome; a provider that is paused or refused our key is not asked, short throttling is waited out.

        `lane` says how long throttling is waited out, and as a rule is the one in which `request` goes out:
        `desk.ask(name, lambda: provider.ask(ids, lane), lane)`. Who throttles a run to its last attempt is paused.
        """
        asked = await self._ask_once(provider, request, lane)
        for attempt in range((RUN_THROTTLE_ATTEMPTS if lane.run else THROTTLE_ATTEMPTS) - 1):
            if not isinstance(asked.outcome, Throttled):
                break
            await asyncio.sleep(throttle_wait(asked.outcome, attempt, lane))
            again = await self._ask_once(provider, request, lane)
            asked = replace(again, sent=asked.sent or again.sent)
        if lane.run and isinstance(asked.outcome, Throttled):
            return replace(asked, limited_until=await self._pause(provider, THROTTLED_SAID))
        return asked

    async def test(self, provider: ProviderName, request: Callable[[], Awaitable[Told]]) -> Asked:
        """The outcome of one request past any pause or refusal: a good answer ends it, a bad one is taken note of."""
        await self._board.catch_up(provider)
        asked = await self._send(provider, request)
        if not isinstance(asked.outcome, Failure):
            now = self._clock.now()
            await self._board.decide(provider, lambda state: provider_state.resume(state, provider, now))
        return asked

    async def _ask_once(self, provider: ProviderName, request: Callable[[], Awaitable[Told]], lane: Lane) -> Asked:
        """One request, if one may go out. After a pause that is over the others await the outcome of the first one."""
        refused = await self._refusal(provider, lane)
        if refused is not None:
            return refused
        if not self._is_unproven(provider):
            return await self._send(provider, request)
        async with self._probing[provider]:
            refused = await self._refusal(provider, lane)
            if refused is not None:
                return refused
            if self._is_unproven(provider):
                return await self._send(provider, request)
        return await self._send(provider, request)

    async def _refusal(self, provider: ProviderName, lane: Lane) -> Asked | None:
        now, state = self._clock.now(), self._board.state(provider)
        refusal = provider_state.standing(state, now)
        if refusal is not None:
            return Asked(refusal, state.paused_until, sent=False)
        quota = provider_state.daily_quota(state, now)
        if lane.reserve and quota is not None:
            expected = await self._pacing[provider].expected_on(now.date())
            if provider_state.keeps_reserve(quota, lane.reserve, expected):
                return Asked(QuotaExhausted(), sent=False)
        return None

    def _is_unproven(self, provider: ProviderName) -> bool:
        return provider_state.is_unproven(self._board.state(provider), self._clock.now())

    async def _send(self, provider: ProviderName, request: Callable[[], Awaitable[Told]]) -> Asked:
        outcome: Outcome = await request()
        # The request that was refused has been answered too, and is not part of the quota.
        answered = self._pacing[provider].answered_on(self._clock.now().date()) - 1
        if isinstance(outcome, Throttled):
            outcome = as_limit(outcome, self._clock.now())
            answered = 0
        if isinstance(outcome, Unauthorized):
            outcome = Unauthorized(f"{outcome.message} ({KEY_SETTINGS[provider]})")
        if isinstance(outcome, Failure):
            return Asked(outcome, await self._learn(provider, outcome, answered))
        await self._answered(provider)
        return Asked(outcome)

    async def _learn(self, provider: ProviderName, outcome: Failure, answered: int) -> datetime | None:
        now = self._clock.now()
        match outcome:
            case Throttled():
                return now + timedelta(seconds=throttle_wait(outcome, 0, MANUAL))
            case QuotaExhausted():
                # Of refusals side by side the first one tells: to the next one it counts as an answer.
                async with self._learning[provider]:
                    until = quota_ends(outcome, await self._planned(), now)
                    state = await self._board.decide(
                        provider,
                        lambda state: provider_state.pause(state, provider, "quota", until, QUOTA_SAID, now, answered),
                    )
                return state.paused_until
            case Unauthorized():
                await self._board.decide(
                    provider, lambda state: provider_state.refuse(state, provider, outcome.message, now)
                )
                return None
            case Unavailable():
                # Of a provider that was paused for that before, one such answer is enough.
                again = self._is_unproven(provider) and self._board.state(provider).pause_reason == "failures"
                await self._failed(provider, outcome.message, probe=again)
                return None
            case Unexpected():
                # It may be this film's alone: one such answer does not prove that the provider is still down.
                await self._failed(provider, outcome.message, probe=False)
                return None

    async def _failed(self, provider: ProviderName, message: str, *, probe: bool) -> None:
        self._failures[provider] = self._failures.get(provider, 0) + 1
        if not probe and self._failures[provider] < FAILURES_BEFORE_PAUSE:
            return
        self._failures[provider] = 0
        await self._pause(provider, message)

    async def _pause(self, provider: ProviderName, message: str) -> datetime | None:
        """Nobody asks for five minutes, and runs wait for that; one that is held already stays as it is.

        Returns when its pause ends.
        """
        now = self._clock.now()
        state = await self._board.decide(
            provider,
            lambda state: (
                None
                if provider_state.standing(state, now)
                else provider_state.pause(state, provider, "failures", now + FAILURE_PAUSE, message, now)
            ),
        )
        return state.paused_until

    async def _answered(self, provider: ProviderName) -> None:
        self._failures[provider] = 0
        now = self._clock.now()
        await self._board.decide(provider, lambda state: provider_state.answered(state, provider, now))

    async def _planned(self) -> datetime | None:
        last = await self._store.last(subjects.SCHEDULE_EVENTS)
        return last.body.scheduled_for if last and isinstance(last.body, ScheduleEvent) else None
