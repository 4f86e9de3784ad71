"""A request rate that holds over all replicas: the generic cell rate algorithm on one key with compare-and-set.

https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import nats.js.errors
from pydantic import ValidationError

from metarr_chassis.bus import CONFLICTS, UNAVAILABLE, Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import streams
from metarr_contracts.rates import Booked

MAX_BATCH_SECONDS = 0.25
"""A replica books at most this much of the rate at once, so that others get their share."""

SKEW = timedelta(minutes=2)
"""By as much the clocks of replicas may differ."""


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


def counted_day(stored: date | None, now: datetime) -> date:
    """The day for which requests count: today, or the stored one where for a replica with a clock ahead it has begun.

    Any other later day is from before the product's clock was set back.
    """
    return stored if stored is not None and stored == (now + SKEW).date() else now.date()


def read_booked(stored: bytes) -> Booked:
    """What is kept of a rate. Nothing after its key was deleted; before requests were counted, a moment alone."""
    if not stored:
        return Booked()
    try:
        return Booked.model_validate_json(stored)
    except ValidationError:
        return Booked(next_free=float(stored))


class Line:
    """Who waits for a moment: the patient let all others go first, and among equals whoever came first goes first."""

    def __init__(self) -> None:
        self._others: deque[asyncio.Future[None]] = deque()
        self._patient: deque[asyncio.Future[None]] = deque()

    def __len__(self) -> int:
        return sum(not turn.done() for waiting in (self._others, self._patient) for turn in waiting)

    def join(self, turn: asyncio.Future[None], *, patient: bool) -> None:
        """Wait for a turn; who gives up cancels it."""
        (self._patient if patient else self._others).append(turn)

    def next(self) -> asyncio.Future[None] | None:
        """Whose turn it is; they leave the line. None: nobody waits."""
        for waiting in (self._others, self._patient):
            while waiting:
                turn = waiting.popleft()
                if not turn.done():
                    return turn
        return None


class SharedRate:
    """One key's rate. All replicas that use the same key share it.

    With `now`, which tells the time in UTC, what is booked is counted by day.
    """

    def __init__(self, bus: Bus, key: str, rate: Rate, now: Callable[[], datetime] | None = None) -> None:
        self._bus = bus
        self._subject = f"$KV.{streams.RATES}.{key}"
        self._rate = rate
        self._now = now
        self._known, self._version = Booked(), 0
        self._moments: deque[float] = deque()
        self._lapsed = 0
        self._line = Line()
        self._serving: asyncio.Task[None] | None = None

    def set_rate(self, rate: Rate) -> None:
        """Change the rate from the next booking on."""
        self._rate = rate

    async def acquire(self, *, patient: bool = False) -> None:
        """Return when it is our turn. A patient caller lets all of this replica that are not patient go first.

        Raises:
            BusUnavailableError: the rate cannot be kept.
        """
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.join(turn, patient=patient)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        try:
            await turn
        finally:
            turn.cancel()
            if not self._line and self._serving is not None:
                self._serving.cancel()
                self._serving = None

    async def try_acquire(self) -> float:
        """Take one if it is free now and return 0, else take none and return the seconds until one is free."""
        while True:
            booked, version = await self._read()
            wait = booked.next_free - time.time()
            if wait > 0:
                return wait
            if await self._write(booked, version, 1) is not None:
                return 0.0

    async def wait(self) -> float:
        """Seconds until one is free, 0 where one is; none is taken."""
        booked, _ = await self._read()
        return max(0.0, booked.next_free - time.time())

    @property
    def unused(self) -> int:
        """How many are booked and counted here, and not given out: not yet, or not any more."""
        return len(self._moments) + self._lapsed

    @property
    def unbooked(self) -> int:
        """How many wait here for whom none is booked yet."""
        return max(0, len(self._line) - len(self._moments))

    def known_on(self, day: date) -> int:
        """How many were booked on that day by all replicas, as far as this one knows: as of its last look."""
        return self._known.on(day)

    async def read_on(self, day: date) -> int:
        """How many were booked on that day by all replicas."""
        await self._read()
        return self._known.on(day)

    async def _serve(self) -> None:
        """Give out moments while somebody waits: each when it has come, to whoever is then the first in the line."""
        this = asyncio.current_task()
        try:
            while self._line and self._serving is this:
                await asyncio.sleep(max(0.0, await self._next_moment() - time.time()))
                # A booking may outlive its cancellation (`asyncio.wait_for` of Python 3.11): another serves by then.
                if self._serving is this and (turn := self._line.next()) is not None:
                    self._moments.popleft()
                    turn.set_result(None)
        except Exception as error:  # noqa: BLE001 (whatever it is, those who wait have to hear of it)
            while (turn := self._line.next()) is not None:
                turn.set_exception(error)

    async def _next_moment(self) -> float:
        # Booked for somebody who gave up waiting: used later, they would come on top of the rate.
        while self._moments and self._moments[0] < time.time() - MAX_BATCH_SECONDS:
            self._moments.popleft()
            self._lapsed += 1
        if not self._moments:
            largest = max(1, int(self._rate.per_second * MAX_BATCH_SECONDS))
            self._moments.extend(await self._book(max(1, min(len(self._line), largest))))
        return self._moments[0]

    async def _book(self, count: int) -> list[float]:
        # What is known is what is stored as long as no other replica books: only the write can tell, so it is first.
        while (moments := await self._write(self._known, self._version, count)) is None:
            await self._read()
        return moments

    async def _read(self) -> tuple[Booked, int]:
        before = self._version
        stored = await self._bus.last_message(f"KV_{streams.RATES}", self._subject)
        if self._version == before:
            self._known, self._version = (read_booked(stored.data), stored.seq) if stored else (Booked(), 0)
        # Else somebody here has booked or looked meanwhile, and this answer may be older than what he knows.
        return self._known, self._version

    async def _write(self, booked: Booked, version: int, count: int) -> list[float] | None:
        """Book so many moments after what is booked; None: another replica was first."""
        next_free, moments = book(self._rate, booked.next_free, time.time(), count)
        day = counted_day(booked.day, self._now()) if self._now else None
        lapsed = self._lapsed
        # What has lapsed was counted, and never went out: it is taken back from its day.
        counted = booked.on(day) + count - lapsed if day and day == booked.day else count
        after = Booked(next_free=next_free, day=day, requests=max(0, counted) if day else 0)
        headers = {"Nats-Expected-Last-Subject-Sequence": str(version)}
        try:
            stored = await self._bus.js.publish(self._subject, after.to_json(), headers=headers)
        except nats.js.errors.APIError as error:
            if error.err_code in CONFLICTS:
                return None
            raise BusUnavailableError(f"the shared rate cannot be kept: {error.description}") from error
        except UNAVAILABLE as error:
            raise BusUnavailableError("the shared rate cannot be reached") from error
        self._known, self._version = after, stored.seq
        self._lapsed -= lapsed
        return moments
