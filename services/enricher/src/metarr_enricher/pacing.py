"""How fast a provider is asked: a rate shared by all replicas, halved for a while after each "too many requests"."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date

from metarr_chassis.rate import Rate, SharedRate
from metarr_enricher.lane import Lane
from metarr_enricher.providers.outcomes import Throttled

LONGEST_WAIT = 30.0
"""Seconds; a provider that wants us to wait longer is reported as limited."""
SLOW_SECONDS = 60.0
SLOWEST = 1 / 8


def slowed(factor: float) -> float:
    """The share of the rate after another throttling."""
    return max(SLOWEST, factor / 2)


def wants_pause(outcome: Throttled) -> bool:
    """Whether the provider wants to be left alone for longer than a film can wait."""
    return outcome.retry_after is not None and outcome.retry_after > LONGEST_WAIT


class Pacing:
    """One provider's gate."""

    def __init__(self, shared: SharedRate, per_second: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._shared = shared
        self._per_second = per_second
        self._monotonic = monotonic
        self._factor = 1.0
        self._slow_until = 0.0
        self._under_way = 0

    @asynccontextmanager
    async def gate(self, lane: Lane) -> AsyncIterator[None]:
        """Open when the next request may go out, which is under way while the context is open; runs go last."""
        if self._factor < 1 and self._monotonic() > self._slow_until:
            self._set(1.0)
        await self._shared.acquire(patient=lane.run)
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def on_throttled(self, outcome: Throttled) -> None:
        """The provider says it is too much. A long pause is enough: after it the rate is right again."""
        if wants_pause(outcome):
            return
        self._slow_until = self._monotonic() + SLOW_SECONDS
        self._set(slowed(self._factor))

    def answered_on(self, day: date) -> int:
        """How many requests of all replicas have been answered that day, as far as is known here without asking."""
        return max(0, self._shared.known_on(day) - self._shared.unused - self._under_way)

    async def expected_on(self, day: date) -> int:
        """How many requests of all replicas will have gone out that day when those that wait here have."""
        return await self._shared.read_on(day) + self._shared.unbooked

    def _set(self, factor: float) -> None:
        self._factor = factor
        self._shared.set_rate(Rate(self._per_second * factor))
