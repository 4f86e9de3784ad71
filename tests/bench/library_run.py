#!/usr/bin/env python
"""Prints how fast a run over the whole library is: without limits, and with TMDB at 40 requests a second.

python tests/bench/library_run.py [films]    # without a number: the 1,794 real titles where they are beside the project
"""

import asyncio
import sys
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.one_film import resident_mb
from tests.e2e.client import Api, api_of
from tests.e2e.library import BECHDEL, import_bechdel, import_rows, made_up
from tests.e2e.system import SERVICES, System, running

TMDB_RATE = 40
LATENCY_MS = 100
PATIENCE_SECONDS = 3_600


async def main(films: int | None) -> None:
    """Measure and print."""
    print("without limits")
    async with running() as system, api_of(system.url) as api:
        total = await fill(api, films)
        await measured_run(system, api, total)
    print(f"TMDB at {TMDB_RATE} requests/s, every provider after {LATENCY_MS} ms")
    async with running(METARR_TMDB_RATE=str(TMDB_RATE)) as system, api_of(system.url) as api:
        total = await fill(api, films)
        for provider in ("tmdb", "omdb", "fanart"):
            await system.control("PUT", f"/providers/{provider}", {"latencyMs": LATENCY_MS})
        await system.control("PUT", "/providers/tmdb", {"ratePerSecond": TMDB_RATE + 10})
        seconds = await measured_run(system, api, total)
        counts = await system.control("GET", "/requests")
        ceiling = counts["tmdb"]["requests"] / TMDB_RATE
        print(f"  {seconds:.1f} s against {ceiling:.1f} s that TMDB's requests take: {seconds / ceiling:.3f} times")


async def fill(api: Api, films: int | None) -> int:
    """Import the films; how many there are."""
    if films is None and BECHDEL.exists():
        await import_bechdel(api)
    else:
        await import_rows(api, islice(made_up(films or 1_794), films or 1_794))
    total: int = (await api.get("/api/movies/enrichment/stats")).data["total"]
    return total


async def measured_run(system: System, api: Api, total: int) -> float:
    """Run over the library; prints films a second, requests, processor time; returns seconds."""
    before = processor_seconds(system)
    began = perf_counter()
    run = await api.run_ended(await api.start_run(), PATIENCE_SECONDS)
    seconds = perf_counter() - began
    print(f"  {total} films in {seconds:.1f} s: {total / seconds:.1f} films/s, {run['status']}, {run['stats']}")
    requests = await requests_of(system)
    print(f"  requests: {requests}; TMDB a film: {requests['tmdb'] / total:.2f}")
    used = {name: 1000 * (spent - before[name]) / total for name, spent in processor_seconds(system).items()}
    print("  processor ms a film:", ", ".join(f"{name} {ms:.1f}" for name, ms in used.items() if ms >= 0.1))
    print("  enricher: resident", f"{resident_mb(system.processes['enricher'].pid):.0f} MB")
    return seconds


async def requests_of(system: System) -> dict[str, Any]:
    """How often each provider was asked."""
    return {name: told["requests"] for name, told in (await system.control("GET", "/requests")).items()}


def processor_seconds(system: System) -> dict[str, float]:
    """What each process has used so far (Linux)."""
    return {name: _processor(system.processes[name].pid) for name in ("sandbox", *SERVICES)}


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
