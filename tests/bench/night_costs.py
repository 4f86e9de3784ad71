#!/usr/bin/env python
"""Prints what each process spends on a film: in an import, in a night in which all are due, in one in which none is.

Processor time; providers answer at once and have no limits.

python tests/bench/night_costs.py [films]    # 5,000: two minutes
"""

import asyncio
import sys
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2]))

import asyncpg
from tests.bench.disk import Disk
from tests.bench.processes import family_seconds, processor_seconds
from tests.e2e.client import api_of
from tests.e2e.library import import_rows, made_up
from tests.e2e.system import SERVICES, System, running

from metarr_chassis.bus import connect

FIRST_NIGHT = datetime(2026, 1, 2, 3, tzinfo=UTC)
PATIENCE_SECONDS = 600


async def main(films: int) -> None:
    """Measure and print."""
    async with (
        running(METARR_SCHEDULE="0 3 * * *", clock=FIRST_NIGHT - timedelta(hours=12)) as system,
        api_of(system.url) as api,
        connect(system.nats.url, "bench") as bus,
    ):
        rows = await asyncpg.connect(system.postgres.url)
        disk = Disk(system, api, bus, rows)
        print(f"ms of processor a film, {films:,} films")
        await spent("import", system, films, import_rows(api, made_up(films), PATIENCE_SECONDS))
        await spent("night, all are due", system, films, disk.night(FIRST_NIGHT))
        await spent("night, none is due", system, films, disk.night(FIRST_NIGHT + timedelta(days=1)))
        await rows.close()


async def spent(what: str, system: System, films: int, work: Awaitable[object]) -> None:
    """Do the work and print what it took of each process."""
    before, began = used(system), perf_counter()
    await work
    seconds = perf_counter() - began
    costs = {name: 1000 * (now - before[name]) / films for name, now in used(system).items()}
    told = ", ".join(f"{name} {cost:.2f}" for name, cost in costs.items())
    print(f"{what}: {told}, together {sum(costs.values()):.2f}; {films / seconds:,.0f} films/s", flush=True)


def used(system: System) -> dict[str, float]:
    """Seconds of processor so far, by process."""
    services = {name: processor_seconds(system.processes[name].pid) for name in SERVICES}
    nats, postgres = system.nats.pid or 0, system.postgres.pid or 0
    return {**services, "nats": processor_seconds(nats), "postgres": family_seconds(postgres)}


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000))
