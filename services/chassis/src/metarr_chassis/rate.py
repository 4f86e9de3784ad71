"""A request rate that holds over all replicas: the generic cell rate algorithm on one key with compare-and-set.

https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass

import nats.js.errors

from metarr_chassis.bus import CONFLICTS, UNAVAILABLE, Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import streams

MAX_BATCH_SECONDS = 0.25
"""A replica books at most this much of the rate at once, so that others get their share."""


@dataclass(frozen=True)
class Rate:
    """How often something may happen."""

    per_second: float
    burst: int = 1

    @property
    def interval(self) -> float:
        """Seconds between two."""
        return 1 / self.per_second


def book(rate: Rate, next_free: float, now: float, count: int) -> tuple[float, list[float]]:
    """Book `count` moments. Returns the next free moment after them, and the moments (seconds of the same clock)."""
    first = max(next_free, now - (rate.burst - 1) * rate.interval)
    moments = [max(now, first + i * rate.interval) for i in range(count)]
    return first + count * rate.interval, moments


class SharedRate:
    """One key's rate. All replicas that use the same key share it."""

    def __init__(self, bus: Bus, key: str, rate: Rate) -> None:
        self._bus = bus
        self._subject = f"$KV.{streams.RATES}.{key}"
        self._rate = rate
        self._booked: deque[float] = deque()
        self._waiting = 0
        self._booking = asyncio.Lock()

    def set_rate(self, rate: Rate) -> None:
        """Change the rate from the next booking on."""
        self._rate = rate

    async def acquire(self) -> None:
        """Return when it is our turn."""
        self._waiting += 1
        try:
            async with self._booking:
                self._drop_unused()
                if not self._booked:
                    largest = max(1, int(self._rate.per_second * MAX_BATCH_SECONDS))
                    self._booked.extend(await self._book(min(self._waiting, largest)))
                moment = self._booked.popleft()
        finally:
            self._waiting -= 1
        await asyncio.sleep(max(0.0, moment - time.time()))

    def _drop_unused(self) -> None:
        # Booked for somebody who gave up waiting: used later, they would come on top of the rate.
        while self._booked and self._booked[0] < time.time() - MAX_BATCH_SECONDS:
            self._booked.popleft()

    async def try_acquire(self) -> float:
        """Take one if it is free now and return 0, else take none and return the seconds until one is free."""
        while True:
            next_free, version = await self._read()
            wait = next_free - time.time()
            if wait > 0:
                return wait
            after, _ = book(self._rate, next_free, time.time(), 1)
            if await self._write(after, version):
                return 0.0

    async def wait(self) -> float:
        """Seconds until one is free, 0 where one is; none is taken."""
        next_free, _ = await self._read()
        return max(0.0, next_free - time.time())

    async def _book(self, count: int) -> list[float]:
        while True:
            next_free, version = await self._read()
            after, moments = book(self._rate, next_free, time.time(), count)
            if await self._write(after, version):
                return moments

    async def _read(self) -> tuple[float, int]:
        stored = await self._bus.last_message(f"KV_{streams.RATES}", self._subject)
        return (float(stored.data), stored.seq) if stored else (0.0, 0)

    async def _write(self, next_free: float, version: int) -> bool:
        headers = {"Nats-Expected-Last-Subject-Sequence": str(version)}
        try:
            await self._bus.js.publish(self._subject, repr(next_free).encode(), headers=headers)
        except nats.js.errors.APIError as error:
            if error.err_code in CONFLICTS:
                return False
            raise BusUnavailableError(f"the shared rate cannot be kept: {error.description}") from error
        except UNAVAILABLE as error:
            raise BusUnavailableError("the shared rate cannot be reached") from error
        return True
