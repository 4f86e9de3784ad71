"""Looks at the stream and the database every few seconds: how far the rows are behind, and what the library is like."""

import asyncio
from datetime import datetime
from typing import Final

import asyncpg

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.metrics import poll
from metarr_contracts.streams import EVENTS
from metarr_projector.database import Database
from metarr_projector.errors import DatabaseAwayError
from metarr_projector.metrics import (
    DATABASE_UP,
    LAG_EVENTS,
    LAG_SECONDS,
    LIBRARY_COMPLETENESS,
    LIBRARY_MOVIES,
    POSITION,
)
from metarr_projector.position import Position
from metarr_projector.reader import COUNTERS

LIBRARY_SECONDS: Final = 15.0
BANDS: Final = ("enriched", "partial", "unenriched")


async def watch(bus: Bus, database: Database, position: Position, clock: Clock) -> None:
    """Look until cancelled. Each of the three looks fails for itself."""
    lag = Lag(bus, position, clock)
    await asyncio.gather(
        poll(lag.look, LAG_EVENTS, LAG_SECONDS),
        poll(lambda: look_at_database(database)),
        poll(
            lambda: look_at_library(database, position), LIBRARY_MOVIES, LIBRARY_COMPLETENESS, seconds=LIBRARY_SECONDS
        ),
    )


class Lag:
    """How far the rows are behind the stream. Who has lost the database knows where they are until another projects."""

    def __init__(self, bus: Bus, position: Position, clock: Clock) -> None:
        self._bus = bus
        self._position = position
        self._clock = clock
        self._oldest: tuple[int, datetime] | None = None
        """The event that was missing at the last look, and when it was stored."""

    async def look(self) -> None:
        """Compare the rows with the stream: one request, and one more where an event is missing that was not before."""
        POSITION.set(self._position.rows)
        last = (await self._bus.stream_state(EVENTS)).last_seq
        rows = self._position.rows
        if rows is None:
            LAG_EVENTS.set(None)
            LAG_SECONDS.set(None)
            return
        age = await self._age(rows + 1) if rows < last else 0.0
        LAG_EVENTS.set(max(0, last - rows))
        LAG_SECONDS.set(age)

    async def _age(self, seq: int) -> float:
        if self._oldest is None or self._oldest[0] != seq:
            message = await self._bus.message(EVENTS, seq)
            if message is None:
                return 0.0
            self._oldest = seq, message.time
        return max(0.0, (self._clock.now() - self._clock.from_system(self._oldest[1])).total_seconds())


async def look_at_database(database: Database) -> None:
    """Whether it answers."""
    try:
        await database.fetch("SELECT 1")
    except (DatabaseAwayError, asyncpg.PostgresError):
        DATABASE_UP.set(0)
    else:
        DATABASE_UP.set(1)


async def look_at_library(database: Database, position: Position) -> None:
    """The dashboard's counters, by whoever projects alone; not known while the database is away."""
    try:
        counters = await database.row(COUNTERS) if position.projecting else None
    except DatabaseAwayError:
        counters = None
    if counters is None:
        LIBRARY_MOVIES.replace({})
        LIBRARY_COMPLETENESS.set(None)
        return
    films = {band: counters[band] for band in BANDS}
    LIBRARY_MOVIES.replace({(band,): count for band, count in films.items()})
    total = sum(films.values())
    LIBRARY_COMPLETENESS.set(counters["completeness"] / (100 * total) if total else None)
