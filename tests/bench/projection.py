"""Measures the projector: events a second from the stream to committed rows, and how long a new event takes to be seen.

Starts its own NATS server and PostgreSQL. Run: `python -m tests.bench.projection --events 50000`.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
from tests.unit.metarr_projector.histories import START, Library

from metarr_chassis.bus import Bus, connect
from metarr_chassis.topology import setup
from metarr_contracts import registry, subjects
from metarr_contracts.base import Value
from metarr_contracts.envelope import Envelope
from metarr_contracts.readmodels import Query
from metarr_contracts.streams import EVENTS
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import EmbeddedPostgres
from metarr_projector.schema import migrate

WINDOW = 256
PATIENCE_SECONDS = 60


async def tell(bus: Bus, number: int, subject: str, event: Value) -> int:
    """Append an event; its sequence."""
    envelope = Envelope(
        id=str(UUID(int=number)),
        type=registry.type_of(event),
        source="/metarr/bench",
        time=START + timedelta(seconds=number),
    )
    ack = await bus.js.publish(subject, event.to_json(), PATIENCE_SECONDS, EVENTS, envelope.headers())
    return ack.seq


async def tell_many(bus: Bus, history: list[tuple[str, Value]], first: int) -> None:
    """Append a history, some events at once (their order in the stream may differ by a few places)."""
    for begin in range(0, len(history), WINDOW):
        chunk = history[begin : begin + WINDOW]
        await asyncio.gather(*(tell(bus, first + begin + place, *told) for place, told in enumerate(chunk)))


@contextlib.asynccontextmanager
async def projector(nats_url: str, database_url: str) -> AsyncIterator[None]:
    """A projector in a process of its own."""
    settings = {"METARR_NATS_URL": nats_url, "METARR_DATABASE_URL": database_url, "METARR_LOG_LEVEL": "warning"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "metarr_projector", env={**os.environ, **settings}
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def moved(rows: asyncpg.Connection, beyond: int) -> tuple[int, float]:
    """Wait until the checkpoint is beyond a sequence; where it is then, and when."""
    while (seq := await rows.fetchval("SELECT seq FROM control.checkpoint")) is None or seq <= beyond:
        await asyncio.sleep(0.005)
    return seq, time.perf_counter()


async def measure(nats_url: str, database_url: str, count: int) -> None:
    """Print the figures."""
    await setup(nats_url, demo=False)
    await migrate(database_url)
    library = Library(1)
    rows = await asyncpg.connect(database_url)
    async with projector(nats_url, database_url):
        await moved(rows, -1)
    async with connect(nats_url, "bench") as bus:
        history = library.history(count)
        size = sum(len(event.to_json()) for _, event in history) / count
        await tell_many(bus, history, 0)
        print(f"{count} events of {size:.0f} bytes on average")
        async with projector(nats_url, database_url):
            first, began = await moved(rows, 0)
            last, ended = await moved(rows, count - 1)
            print(f"catching up from the checkpoint: {(last - first) / (ended - began):,.0f} events/s")
            rebuilt = json.loads(await bus.request(subjects.REBUILD, timeout=600))["data"]
            print(f"rebuild: {rebuilt['events'] / rebuilt['seconds']:,.0f} events/s")
            await print_latency(bus, library, count)
    await rows.close()


async def print_latency(bus: Bus, library: Library, first: int) -> None:
    """Print how long it takes until a question shows an event that was just appended."""
    taken = []
    for number, told in enumerate(library.history(200)):
        began = time.perf_counter()
        seq = await tell(bus, first + number, *told)
        await bus.request(subjects.query("library.stats"), Query(after=seq).to_json())
        taken.append(1000 * (time.perf_counter() - began))
    print(f"appended, projected, asked and answered: {statistics.median(taken):.1f} ms (p50)")


async def main() -> None:
    """Start the servers and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000)
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        nats, postgres = EmbeddedNats(Path(folder) / "nats"), EmbeddedPostgres(Path(folder) / "postgres")
        async with nats, postgres:
            await measure(nats.url, postgres.url, count)


if __name__ == "__main__":
    asyncio.run(main())
