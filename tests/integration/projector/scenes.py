"""What the projector's tests work with: a stream to append to, questions to ask, a look at the rows."""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from nats.aio.msg import Msg
from pydantic import SecretStr
from tests.unit.metarr_projector.histories import START, Library

from metarr_chassis import service
from metarr_chassis.bus import Bus, connect
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError, RefusedError
from metarr_chassis.health import Readiness
from metarr_chassis.service import Context
from metarr_contracts import registry, subjects
from metarr_contracts.base import Value
from metarr_contracts.bulk import BulkEvent
from metarr_contracts.envelope import Envelope
from metarr_contracts.events import CancelRequested, ScheduleEvent
from metarr_contracts.readmodels import Query
from metarr_contracts.store import Store
from metarr_contracts.streams import EVENTS
from metarr_contracts.websocket import BULK_NOTE, MOVIE_NOTE, BulkNote, EnrichmentProgress, MovieNote
from metarr_projector.bootstrap import start
from metarr_projector.projection import PROJECTOR_LOCK
from metarr_projector.settings import ProjectorSettings

V = TypeVar("V", bound=Value)
AT_ONCE = 200
PATIENCE_SECONDS = 120
TRY_AGAIN = 503


@dataclass
class Stream:
    """Appends events, as the enricher does."""

    bus: Bus
    library: Library
    told: int = 0

    async def tell(self, subject: str, event: Value, time: datetime | None = None) -> int:
        """Append one event; its sequence."""
        self.told += 1
        envelope = Envelope(
            id=str(UUID(int=self.told)),
            type=registry.type_of(event),
            source="/metarr/test",
            time=time or START + timedelta(seconds=self.told),
        )
        return await self.raw(subject, event.to_json(), envelope.headers())

    async def movie(self, movie_id: int, event: Value, time: datetime | None = None) -> int:
        """Append an event of a film; its sequence."""
        return await self.tell(subjects.movie_event(movie_id), event, time)

    async def run(self, *told: BulkEvent | CancelRequested) -> list[int]:
        """Append events of runs; their sequences."""
        return [await self.tell(subjects.BULK_EVENTS, event) for event in told]

    async def schedule(self, *told: ScheduleEvent) -> list[int]:
        """Append events of the schedule; their sequences."""
        return [await self.tell(subjects.SCHEDULE_EVENTS, event) for event in told]

    async def raw(self, subject: str, data: bytes, headers: dict[str, str] | None = None) -> int:
        """Append whatever this is; its sequence."""
        return (await self.bus.js.publish(subject, data, stream=EVENTS, headers=headers)).seq

    async def tell_history(self, count: int) -> int:
        """Append events of a random history; the sequence of the last one."""
        history = list(self.library.history(count))
        last = 0
        # Of all at once the last would wait for its acknowledgement longer than a client does, on a slow machine.
        for first in range(0, count, AT_ONCE):
            told = [self.tell(subject, event) for subject, event in history[first : first + AT_ONCE]]
            last = max(await asyncio.gather(*told))
        return last


@dataclass
class Asker:
    """Asks the projector; waits until somebody answers at all, and who says that it is too early is asked again."""

    bus: Bus

    async def __call__(self, name: str, model: type[V], query: Query | None = None) -> V:
        """The read model that is answered."""
        payload = b"" if query is None else query.to_json()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    return model.model_validate_json(await self.bus.request(subjects.query(name), payload, timeout=10))
                except RefusedError as refused:
                    if refused.status != TRY_AGAIN:
                        raise
                except BusUnavailableError:
                    pass
                await asyncio.sleep(0.02)


async def rebuild(bus: Bus) -> Any:
    """Have the rows made anew as soon as somebody projects, for who waits for its turn is ready, too; the answer."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                return json.loads(await bus.request(subjects.REBUILD, timeout=PATIENCE_SECONDS))
            except BusUnavailableError:
                await asyncio.sleep(0.02)


@dataclass
class Rows:
    """A look into the database."""

    connection: asyncpg.Connection

    async def seq(self) -> int:
        """Where the checkpoint is."""
        return await self.connection.fetchval("SELECT seq FROM control.checkpoint") or 0

    async def reach(self, seq: int) -> None:
        """Wait until the checkpoint is there."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.seq() < seq:
                await asyncio.sleep(0.02)

    async def until_nobody_projects(self) -> None:
        """Wait until the lock is free: the server sees later than its client that a connection has ended."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.connection.fetchval("SELECT pg_try_advisory_lock($1)", PROJECTOR_LOCK):
                await asyncio.sleep(0.02)
        await self.connection.execute("SELECT pg_advisory_unlock($1)", PROJECTOR_LOCK)

    async def dump(self) -> str:
        """Every row of every read model as text, in an order of its own."""
        tables = await self.connection.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'live' ORDER BY 1"
        )
        lines = []
        for (table,) in tables:
            listed = await self.connection.fetch(f"SELECT t::text AS line FROM live.{table} AS t ORDER BY 1")  # noqa: S608
            lines += [f"== {table}", *(row["line"] for row in listed)]
        return "\n".join(lines)


@dataclass
class Notes:
    """What was said on the live subjects."""

    frames: list[MovieNote | BulkNote] = field(default_factory=list)
    anew: int = 0
    """How often everything was to be read again."""

    async def hear(self, message: Msg) -> None:
        """Take a note."""
        if message.subject == subjects.LIVE_ANEW:
            self.anew += 1
            return
        kind = BULK_NOTE if message.subject == subjects.LIVE_BULK else MOVIE_NOTE
        self.frames.append(kind.validate_json(message.data))

    @property
    def seqs(self) -> list[int]:
        """The events that the notes are about."""
        return [frame.seq for frame in self.frames if not isinstance(frame, EnrichmentProgress)]

    async def until(self, seqs: Collection[int]) -> None:
        """Wait until these events have been spoken of."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not set(seqs) <= set(self.seqs):
                await asyncio.sleep(0.02)


@dataclass
class Running:
    """A projector in this process."""

    readiness: Readiness
    clock: Clock

    async def until(self, *, ready: bool) -> None:
        """Wait until it says that it can work, or that it cannot."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while bool(self.readiness.problems()) == ready:
                await asyncio.sleep(0.02)


Projector = Callable[[], AbstractAsyncContextManager[Running]]


@contextlib.asynccontextmanager
async def projector_here(nats_url: str, database_url: str, reader_url: str | None = None) -> AsyncIterator[Running]:
    """A projector in this process, with a connection of its own."""
    reader = SecretStr(reader_url) if reader_url else None
    settings = ProjectorSettings(nats_url=nats_url, database_url=SecretStr(database_url), database_reader_url=reader)
    running = Running(Readiness(), Clock())
    store = Store(kind="real", id="test", created_at=START)
    async with connect(nats_url, "projector") as bus, contextlib.AsyncExitStack() as stack:
        context = Context(settings, bus, running.clock, running.readiness, store)
        await service._once_answered(lambda: stack.enter_async_context(start(context)))
        yield running


@contextlib.asynccontextmanager
async def projector_process(nats_url: str, database_url: str) -> AsyncIterator[Process]:
    """A projector in a process of its own, which the test may kill."""
    settings = {"METARR_NATS_URL": nats_url, "METARR_DATABASE_URL": database_url, "METARR_LOG_LEVEL": "error"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "metarr_projector", env={**os.environ, **settings}
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
