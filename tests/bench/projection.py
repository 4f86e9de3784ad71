"""Row 4: events a second from the stream to committed rows, against what has to be done at least.

A stream of mixed events: the first half in the order of films, as an import and its enrichment leave it, the second
half of films at random. In each round a real projector process with empty read models catches up from a checkpoint at
the stream's beginning, and by turns with it, each alone:

- consuming: the projector's own feed and decoding in a process that does nothing else, no fold, no database;
- upserting: the rows that the projector writes for these events, made beforehand, in the same batches by the same
  statements, each batch in a transaction that moves the checkpoint; no bus, no decoding.

The ceiling is the slower one of the two. `make bench` has 100,000 events a round, so as to take two minutes.
"""

import asyncio
import contextlib
import gc
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Self, cast
from unittest.mock import patch

import asyncpg
from tests.bench.appending import unsynced
from tests.bench.figures import Figure, at_least
from tests.bench.filled import tell
from tests.bench.halves import Halves, Speed
from tests.bench.mixed import Mixed
from tests.bench.rounds import Size, alternating

from metarr_chassis.bus import Bus, connect
from metarr_chassis.topology import setup
from metarr_contracts.streams import EVENTS
from metarr_local import embedded_nats
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import EmbeddedPostgres
from metarr_projector import checkpoint as checkpoints
from metarr_projector.__main__ import look_seldom_for_cycles
from metarr_projector.batches import next_batch
from metarr_projector.checkpoint import Checkpoint
from metarr_projector.feed import Feed
from metarr_projector.schema import LIVE, migrate
from metarr_projector.writer import prepare, write

ROW = 4
GOAL = 0.5
PARTS = ("in the order of films", "of films at random")
RIVAL = "the slower of consuming and upserting alone"
PATIENCE_SECONDS = 600
LOOK_SECONDS = 0.01


class Recorder:
    """In place of a connection: remembers what is written, so that it can be written again."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    async def execute(self, *args: object) -> None:
        """A statement."""
        self.calls.append(("execute", args, {}))

    async def executemany(self, *args: object) -> None:
        """A statement for many rows."""
        self.calls.append(("executemany", args, {}))

    async def copy_records_to_table(self, *args: object, **kwargs: object) -> None:
        """Rows of a staging table."""
        self.calls.append(("copy_records_to_table", args, kwargs))

    async def write_again(self, connection: asyncpg.Connection) -> None:
        """All of it."""
        for method, args, kwargs in self.calls:
            await getattr(connection, method)(*args, **kwargs)


@dataclass
class Trial:
    """A stream of events up to `end`, and a server for databases that hold what is made of them."""

    bus: Bus
    url: str
    stream: str
    end: int
    postgres: EmbeddedPostgres
    written: list[tuple[int, Recorder]] = field(default_factory=list)
    """Last sequence of each batch, and what was written."""

    @classmethod
    async def of(cls, bus: Bus, url: str, postgres: EmbeddedPostgres) -> Self:
        """Of all that the stream holds."""
        state = await bus.stream_state(EVENTS)
        return cls(bus, url, state.created, state.last_seq, postgres)

    async def record(self) -> None:
        """Make the rows of all events."""
        async with Feed(self.bus, 1) as feed:
            while not self.written or self.written[-1][0] < self.end:
                batch = await next_batch(feed, patience=PATIENCE_SECONDS, until=self.end)
                recorder = Recorder()
                await write(cast("asyncpg.Connection", recorder), LIVE, batch.staged)
                self.written.append((batch.items[-1].seq, recorder))

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
        """Empty read models with a checkpoint where the stream begins, and a connection to them."""
        url = await self.postgres.create_database("bench")
        try:
            await migrate(url)
            connection = await asyncpg.connect(url)
            await checkpoints.replace(connection, self._checkpoint(0))
            try:
                yield url, connection
            finally:
                await connection.close()
        finally:
            await self.postgres.drop_database("bench")

    async def projecting(self) -> Speed:
        """A real projector catches up."""
        while True:
            async with self.database() as (url, connection), projector(self.url, url) as pid:
                halves = await self.caught_up(connection, pid)
            if halves.are_seen:
                return halves.speed()

    async def caught_up(self, connection: asyncpg.Connection, pid: int) -> Halves:
        """Look how a projector, which has just been started, comes to the end of the stream."""
        halves = Halves(self.end, pid)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not halves.are_over:
                if seq := await connection.fetchval("SELECT seq FROM control.checkpoint"):
                    halves.look(seq)
                await asyncio.sleep(LOOK_SECONDS)
        return halves

    async def consuming(self) -> Speed:
        """The projector's feed and decoding alone."""
        command = (sys.executable, "-m", "tests.bench.consuming", self.url, str(self.end))
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        said, _ = await process.communicate()
        return Halves(self.end, 0, json.loads(said)).speed()

    async def upserting(self) -> Speed:
        """The projector's statements with rows that are there already."""
        halves = Halves(self.end, os.getpid())
        with as_a_projector():
            async with self.database() as (_, connection):
                await prepare(connection)
                before = self._checkpoint(0)
                for seq, recorder in self.written:
                    after = self._checkpoint(seq)
                    async with connection.transaction():
                        await checkpoints.move(connection, before, after)
                        await recorder.write_again(connection)
                    before = after
                    halves.look(seq)
        return halves.speed()

    def _checkpoint(self, seq: int) -> Checkpoint:
        return Checkpoint(self.stream, seq, "", 0)


async def measure(size: Size) -> AsyncIterator[Figure]:
    """Row 4."""
    count = size.of(100_000, 2_000)
    with tempfile.TemporaryDirectory(prefix="metarr-bench-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        async with EmbeddedPostgres(place / "postgres") as postgres:
            library = Mixed(1)
            async with server_to_fill(place / "nats") as nats, connect(nats.url, "bench") as bus:
                for tell_of in (library.in_order, library.at_random):
                    await tell(bus, islice(tell_of(), count // 2))
            async with EmbeddedNats(place / "nats") as nats, connect(nats.url, "bench") as bus:
                trial = await Trial.of(bus, nats.url, postgres)
                await trial.record()
                found = await alternating(size.rounds, trial.projecting, trial.consuming, trial.upserting)
    for figure in figures(count, *found):
        yield figure


def figures(
    count: int, projecting: Sequence[Speed], consuming: Sequence[Speed], upserting: Sequence[Speed]
) -> Iterator[Figure]:
    """What was found for both halves."""
    for half, order in enumerate(PARTS):
        consumed, upserted = ([speed.per_second[half] for speed in speeds] for speeds in (consuming, upserting))
        yield Figure(
            ROW,
            f"{count // 2:,} events {order}, from stream to rows",
            "1/s",
            tuple(speed.per_second[half] for speed in projecting),
            RIVAL,
            tuple(map(min, consumed, upserted)),
            at_least(GOAL),
            f"consuming {min(consumed):,.0f} to {max(consumed):,.0f}, "
            f"upserting {min(upserted):,.0f} to {max(upserted):,.0f}",
        )
    for half, order in enumerate(PARTS):
        yield Figure(
            ROW,
            f"processor time of the projector, an event {order}",
            "µs",
            tuple(speed.processor[half] for speed in projecting),
            "consuming alone",
            tuple(speed.processor[half] for speed in consuming),
        )


@contextlib.asynccontextmanager
async def server_to_fill(folder: Path) -> AsyncIterator[EmbeddedNats]:
    """A server with the streams of a real library that syncs when it likes to, until they are filled."""
    with patch.object(embedded_nats, "configuration", unsynced):
        async with EmbeddedNats(folder) as nats:
            await setup(nats.url, demo=False)
            yield nats


@contextlib.contextmanager
def as_a_projector() -> Iterator[None]:
    """The collector of cycles looks as seldom as in the projector, and not at what was there before."""
    before = gc.get_threshold()
    look_seldom_for_cycles()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextlib.asynccontextmanager
async def projector(nats_url: str, database_url: str) -> AsyncIterator[int]:
    """A projector in a process of its own; its process id."""
    settings = {"METARR_NATS_URL": nats_url, "METARR_DATABASE_URL": database_url, "METARR_LOG_LEVEL": "warning"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "metarr_projector", env={**os.environ, **settings}
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        await process.wait()
