"""Row 9: a run over the whole library with one, two and three enrichers where waiting for providers is all that counts.

Each provider answers after half a second, so a film takes a second, and an enricher has few films in work at once.
Whoever leads the run has the others work on its films too.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.bench.figures import Figure, at_least
from tests.bench.library_run import run_seconds
from tests.bench.rounds import Size, alternating
from tests.e2e.client import Api, api_of
from tests.e2e.library import import_rows, made_up
from tests.e2e.system import PATHS, System, running

ROW = 9
GOAL = 2.6
LATENCY_MS = 500
HANDS, WINDOW = 6, 4
"""Fewer hands than connections to a provider, which would else be what an enricher waits for."""
UNLIMITED = 1_000_000
REPLICAS = ("enricher", "enricher2", "enricher3")


@dataclass(frozen=True)
class Runs:
    """Runs over all films with so many enrichers."""

    system: System
    api: Api
    films: int

    async def speed(self, enrichers: int) -> float:
        """Films a second; who is there too many is ended before, and who lacks is started."""
        for name in REPLICAS[enrichers:]:
            if name in self.system.processes:
                await self.system.stop(name)
        for name in REPLICAS[:enrichers]:
            if name not in self.system.processes:
                await self.system.start("enricher", name)
        return self.films / await run_seconds(self.api, self.films)


async def measure(size: Size) -> AsyncIterator[Figure]:
    """Row 9: two and three enrichers against one."""
    settings: dict[str, Any] = {f"METARR_{provider.upper()}_RATE": str(UNLIMITED) for provider in PATHS}
    settings |= {"METARR_CONCURRENCY": str(HANDS), "METARR_BULK_WINDOW": str(WINDOW)}
    films = size.of(180, 9)
    async with running(**settings) as system, api_of(system.url) as api:
        await import_rows(api, made_up(films))
        await system.providers(latencyMs=size.of(LATENCY_MS, 50))
        runs = Runs(system, api, films)
        one, two, three = await alternating(size.rounds, *(partial(runs.speed, count) for count in (1, 2, 3)))
    note = f"{films} films, {WINDOW} at once for each enricher, providers answer after {LATENCY_MS} ms"
    yield Figure(ROW, "run with three enrichers", "films/s", three, "one enricher", one, at_least(GOAL), note)
    yield Figure(ROW, "run with two enrichers", "films/s", two, "one enricher", one)
