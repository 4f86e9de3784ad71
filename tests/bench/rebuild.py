"""Row 5: a million events over 100,000 films made into rows anew while a client asks, and what memory that takes.

The films are added and then refreshed week after week, most by a rating or two. In each round a real projector process
with empty read models first catches up with the whole stream, alone, as in row 4; that is what the rebuild is held
against. Then a client asks for statistics and for the first page of films by turns, fifty times a second, for a while
before the rebuild and all through it.
"""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import mean
from time import perf_counter

from tests.bench.figures import Figure, at_most
from tests.bench.filled import tell
from tests.bench.films import history
from tests.bench.processes import resident_mb
from tests.bench.projection import PATIENCE_SECONDS, Trial, projector, server_to_fill
from tests.bench.rounds import Size, percentile

from metarr_chassis.background import running
from metarr_chassis.bus import Bus, connect
from metarr_contracts import subjects
from metarr_contracts.readmodels import Query
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import EmbeddedPostgres

ROW = 5
SLOWER = 1.2
GROWTH = 1.1
"""Memory in the second half of a rebuild, by that in the first."""
WEEKS = 10
QUESTIONS = ("library.stats", "movie.list")
ASK_SECONDS = 0.02
LOOK_SECONDS = 0.1


@dataclass
class Client:
    """Asks all the time."""

    bus: Bus
    taken: list[float] = field(default_factory=list)
    """Milliseconds of each answer."""

    async def ask(self) -> None:
        """For ever."""
        for name in cycle(QUESTIONS):
            began = perf_counter()
            await self.bus.request(subjects.query(name), Query().to_json())
            self.taken.append(1000 * (perf_counter() - began))
            await asyncio.sleep(ASK_SECONDS)

    def p99(self) -> float:
        """Of the answers since it was asked last."""
        taken, self.taken = self.taken, []
        return percentile(taken, 0.99)


@dataclass(frozen=True)
class Round:
    """Seconds, milliseconds, and megabytes in both halves of the rebuild."""

    catching_up: float
    rebuilding: float
    before: float
    during: float
    first_half: float
    second_half: float


async def measure(size: Size) -> AsyncIterator[Figure]:
    """Row 5. One round takes some five minutes."""
    films, quiet = size.of(100_000, 200), size.of(20, 1)
    with tempfile.TemporaryDirectory(prefix="metarr-bench-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        async with EmbeddedPostgres(place / "postgres") as postgres:
            async with server_to_fill(place / "nats") as nats, connect(nats.url, "bench") as bus:
                end = await tell(bus, islice(history(films, WEEKS), WEEKS * films))
            async with EmbeddedNats(place / "nats") as nats, connect(nats.url, "bench") as bus:
                trial = await Trial.of(bus, nats.url, postgres)
                rounds: list[Round] = []
                while len(rounds) < size.rounds:
                    if found := await rebuilt(trial, quiet):
                        rounds.append(found)
    yield Figure(
        ROW,
        f"rebuild of {end:,} events over {films:,} films while queries are answered",
        "s",
        tuple(found.rebuilding for found in rounds),
        "catching up with the same events, alone",
        tuple(found.catching_up for found in rounds),
        at_most(SLOWER),
    )
    yield Figure(
        ROW,
        "resident memory of the projector in the second half of a rebuild",
        "MB",
        tuple(found.second_half for found in rounds),
        "in the first half",
        tuple(found.first_half for found in rounds),
        at_most(GROWTH),
    )
    yield Figure(
        ROW,
        "p99 of statistics and lists during a rebuild",
        "ms",
        tuple(found.during for found in rounds),
        "before it",
        tuple(found.before for found in rounds),
    )


async def rebuilt(trial: Trial, quiet: int) -> Round | None:
    """Catch up, ask for so many seconds, rebuild. None: how the events were caught up with was not seen."""
    async with trial.database() as (url, connection), projector(trial.url, url) as pid:
        halves = await trial.caught_up(connection, pid)
        if not halves.are_seen:
            return None
        client = Client(trial.bus)
        async with running(client.ask()):
            await asyncio.sleep(quiet)
            before = client.p99()
            memory: list[float] = []
            async with running(watch(pid, memory)):
                answer = await trial.bus.request(subjects.REBUILD, timeout=PATIENCE_SECONDS)
            during = client.p99()
        half = len(memory) // 2
        return Round(
            halves.seconds,
            json.loads(answer)["data"]["seconds"],
            before,
            during,
            mean(memory[: half or 1]),
            mean(memory[half:]),
        )


async def watch(pid: int, memory: list[float]) -> None:
    """Note a process's resident memory again and again."""
    with contextlib.suppress(FileNotFoundError):
        while True:
            memory.append(resident_mb(pid))
            await asyncio.sleep(LOOK_SECONDS)
