"""Read models made anew from the first event, beside those in use, and switched in one transaction."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import asyncpg

from metarr_chassis.background import meanwhile
from metarr_chassis.bus import Bus
from metarr_projector.batches import EMPTY, MAX_BATCH, Batch, commit, next_batch
from metarr_projector.cancelling import end_if_cancelled
from metarr_projector.feed import Feed
from metarr_projector.metrics import REBUILDING
from metarr_projector.schema import LIVE, REBUILD, RETIRED, read_models
from metarr_projector.writer import write

IDLE_SECONDS = 1.0
DROP_PATIENCE = "200ms"
"""Shorter than the server waits before it looks for deadlocks: a query never loses against us."""


@dataclass
class Rebuild:
    """One rebuild. `writing` is held while the connection writes, so the projection goes on between two batches."""

    bus: Bus
    connection: asyncpg.Connection
    writing: asyncio.Lock
    seq: int = 0
    event_id: str = ""
    events: int = field(default=0)

    async def run(self, goal: Callable[[], int], finish: Callable[[], Awaitable[None]]) -> None:
        """Fold until `goal()` is reached while nothing else is written, then switch; `finish` runs in that transaction.

        Raises:
            FeedBrokenError, asyncpg.PostgresError: it came to nothing; what is in use is as it was.
        """
        with REBUILDING.track_inprogress():
            await self._make(goal, finish)

    async def _make(self, goal: Callable[[], int], finish: Callable[[], Awaitable[None]]) -> None:
        await self._drop(REBUILD)
        await self._drop(RETIRED)
        async with self.writing:
            await self.connection.execute(read_models(REBUILD))
        # Thousands of events wait on their connection, and answers to queries would wait behind them.
        async with self.bus.another("rebuild") as bus, Feed(bus, 1) as feed:
            batch = EMPTY
            while goal() - self.seq > MAX_BATCH:
                end_if_cancelled()
                # The database writes one batch while the next one is made.
                async with meanwhile(next_batch(feed, patience=IDLE_SECONDS, until=goal())) as following, self.writing:
                    await commit(batch, self._write)
                batch = following.result()
            async with self.writing:
                await commit(batch, self._write)
                while self.seq < goal():
                    await commit(await next_batch(feed, patience=IDLE_SECONDS, until=goal()), self._write)
                await self._switch(finish)
        await self._drop(RETIRED)

    async def _write(self, batch: Batch) -> None:
        items, staged = batch.items, batch.staged
        async with self.connection.transaction():
            await write(self.connection, REBUILD, staged)
        self.seq, self.event_id = items[-1].seq, items[-1].id
        self.events += len(items)

    async def _switch(self, finish: Callable[[], Awaitable[None]]) -> None:
        async with self.connection.transaction():
            await self.connection.execute(f"ALTER SCHEMA {LIVE} RENAME TO {RETIRED}")
            await self.connection.execute(f"ALTER SCHEMA {REBUILD} RENAME TO {LIVE}")
            await finish()

    async def _drop(self, schema: str) -> None:
        """Queries that began before the switch end on the retired tables; they go first."""
        while True:
            with contextlib.suppress(asyncpg.LockNotAvailableError):
                async with self.writing, self.connection.transaction():
                    await self.connection.execute(f"SET LOCAL lock_timeout = '{DROP_PATIENCE}'")
                    await self.connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
                return
