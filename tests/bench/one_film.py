#!/usr/bin/env python
"""Prints what one refresh costs over the slowest provider, and the memory of the four services with 1,794 films.

python tests/bench/one_film.py [refreshes]
"""

import asyncio
import statistics
import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.e2e.client import Api, api_of
from tests.e2e.system import SERVICES, System, running

FILMS = 1_794
SLOWEST_MS = 100
"""What each provider takes to answer."""


async def main(refreshes: int) -> None:
    """Measure and print."""
    started = perf_counter()
    async with running() as system, api_of(system.url) as api:
        print(f"servers, sandbox and services ready after {perf_counter() - started:.1f} s")
        began = perf_counter()
        await import_films(api)
        print(f"import of {FILMS} titles: {perf_counter() - began:.1f} s")
        for provider in ("tmdb", "omdb", "fanart"):
            await system.control("PUT", f"/providers/{provider}", {"latencyMs": SLOWEST_MS})
        times = sorted([1000 * (await refresh(api, movie_id)) for movie_id in range(1, refreshes + 1)])
        print(
            f"refresh over the slowest provider's {SLOWEST_MS} ms, {refreshes} films: "
            f"median {statistics.median(times):.0f} ms, p99 {times[int(0.99 * len(times))]:.0f} ms"
        )
        print_memory(system)


async def import_films(api: Api) -> None:
    """As many films as the real list has; ids of both kinds, so that all providers are asked side by side."""
    rows = [{"title": f"Film {n}", "imdbId": f"tt{n}", "tmdbId": 10_000_000 + n} for n in range(5000, 5000 + FILMS)]
    answer = await api.post("/api/movies/import", rows)
    assert answer.data["added"] == FILMS


async def refresh(api: Api, movie_id: int) -> float:
    """Seconds from the request to the complete message, less the providers' own."""
    async with api.socket() as socket:
        await socket.subscribe(movie_id)
        began = perf_counter()
        await api.refresh(socket, movie_id)
        return perf_counter() - began - SLOWEST_MS / 1000


def print_memory(system: System) -> None:
    """Resident memory of the four services (Linux)."""
    used = {name: resident_mb(system.processes[name].pid) for name in SERVICES}
    print(
        "resident MB:", ", ".join(f"{name} {mb:.0f}" for name, mb in used.items()), f"together {sum(used.values()):.0f}"
    )


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
