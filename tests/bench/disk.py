"""Row 13: what a film adds to the disk each night, over 60 nights that the scheduler starts, against a straight line.

Five hundred films are imported at once and gone through every night by the rules as they are by default, so most nights
skip most films. The product's clock is moved from night to night. What is stored in a stream is what the server says;
beside it stands what the files of NATS take, which has room for messages that are no more. A night takes a second here,
so PostgreSQL looks for dead rows every second, not every minute. At last a night in which every answer is stale.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
from tests.bench.figures import Figure
from tests.bench.line import fitted
from tests.bench.rounds import Size
from tests.e2e.client import Api, api_of
from tests.e2e.library import import_rows, made_up
from tests.e2e.system import System, running

from metarr_chassis.bus import Bus, connect
from metarr_contracts.streams import ALL_STREAMS, ANSWERS, EVENTS, SNAPSHOTS

ROW = 13
FIRST_NIGHT = datetime(2026, 1, 2, 3, tzinfo=UTC)
"""The newest films of the sandbox are of 2025: some have just been released, as in a library that is alive."""
ALL_STALE = timedelta(days=120)
"""After the last night: longer than any answer is fresh."""
PATIENCE_SECONDS = 600
BLOCK = 512
"""Bytes of a block, as `st_blocks` counts them."""
STREAMS = "all streams"
POSTGRES = "tables of PostgreSQL"
DISK = "files of NATS and tables"
TABLES = """
SELECT relname AS name, pg_table_size(oid) AS size, pg_indexes_size(oid) AS indexes FROM pg_class
WHERE relnamespace = 'live'::regnamespace AND relkind = 'r'
"""


@dataclass(frozen=True)
class Look:
    """What there is after a night: bytes by place, events, and the films that somebody was asked about."""

    stored: Mapping[str, int]
    tables: Mapping[str, int]
    events: int
    processed: int = 0


async def measure(size: Size) -> AsyncIterator[Figure]:
    """Row 13. One round: the same happens in each."""
    films, nights = size.of(500, 20), size.of(60, 3)
    async with (
        running(METARR_SCHEDULE="0 3 * * *", clock=FIRST_NIGHT - timedelta(hours=12)) as system,
        api_of(system.url) as api,
        connect(system.nats.url, "bench") as bus,
    ):
        rows = await asyncpg.connect(system.postgres.url)
        await rows.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        await rows.execute("SELECT pg_reload_conf()")
        library = Disk(system, api, bus, rows)
        empty = await library.look()
        await import_rows(api, made_up(films), PATIENCE_SECONDS)
        # Where only a few nights are tried, they are so far apart that something is due in one of them.
        apart = timedelta(days=size.of(1, 4))
        looks = [await library.night(FIRST_NIGHT + number * apart) for number in range(nights)]
        stale = await library.night(FIRST_NIGHT + nights * apart + ALL_STALE)
        await rows.close()
    for place in (EVENTS, ANSWERS, STREAMS, DISK):
        line = fitted([look.stored[place] for look in looks])
        straight = f"R² {line.explained:.3f}, at most {100 * line.farthest:.0f} % of the growth off a straight line"
        yield figure(f"{place}: a film and night", "B", line.slope / films, straight)
    for place in (EVENTS, ANSWERS, f"KV_{SNAPSHOTS}", POSTGRES, DISK):
        first = (looks[0].stored[place] - empty.stored[place]) / films
        yield figure(f"{place}: a film's first night, with its import", "B", first)
    for place in (EVENTS, ANSWERS, DISK):
        again = (stale.stored[place] - looks[-1].stored[place]) / films
        yield figure(f"{place}: a film in a night in which all are stale", "B", again)
    sizes = sorted(looks[-1].tables.items(), key=lambda table: -table[1])
    told = ", ".join(f"{name} {each / films:,.0f}" for name, each in sizes if each / films >= 1)
    yield figure(f"{POSTGRES}: a film after {nights} nights", "B", sum(looks[-1].tables.values()) / films, told)
    quiet = [after.stored[EVENTS] - before.stored[EVENTS] for before, after in pairwise(looks)]
    yield figure(f"{EVENTS}: the quietest night, the whole library", "B", min(quiet))
    events = [(after.events - before.events) / films for before, after in pairwise(looks)]
    yield figure("events, a film and night", "", sum(events) / len(events))
    asked = [look.processed for look in looks[1:]]
    most = sorted(range(len(asked)), key=asked.__getitem__)[-3:]
    told = "most in nights " + ", ".join(f"{2 + place} ({100 * asked[place] / films:.0f} %)" for place in sorted(most))
    yield figure("films that somebody is asked about, a night", "%", 100 * sum(asked) / len(asked) / films, told)


def figure(name: str, unit: str, value: float, note: str = "") -> Figure:
    """A figure of the one round; nothing has to be reached."""
    return Figure(ROW, name, unit, (value,), note=note)


@dataclass(frozen=True)
class Disk:
    """A system that is at work, and what it has stored."""

    system: System
    api: Api
    bus: Bus
    rows: asyncpg.Connection

    async def night(self, due: datetime) -> Look:
        """One night, started by the scheduler, to the end of its run."""
        before = await self._last_run()
        await self.system.set_clock(due - timedelta(seconds=1))
        await self.api.bulk_status(
            lambda status: (
                status["lastRun"] is not None
                and status["lastRun"]["jobId"] != (before and before["jobId"])
                and status["currentRun"] is None
            ),
            PATIENCE_SECONDS,
        )
        run = await self._last_run()
        assert run["status"] == "completed", run
        return await self.look(run["stats"]["processed"])

    async def look(self, processed: int = 0) -> Look:
        """What is stored now."""
        states = {name: (await self.bus.api(f"STREAM.INFO.{name}"))["state"] for name in ALL_STREAMS}
        tables = await self._tables()
        stored = {
            **{name: state["bytes"] for name, state in states.items()},
            STREAMS: sum(state["bytes"] for state in states.values()),
            POSTGRES: sum(tables.values()),
            DISK: taken(self.system.folder / "nats" / "jetstream") + sum(tables.values()),
        }
        return Look(stored, tables, states[EVENTS]["messages"], processed)

    async def _last_run(self) -> Any:
        return (await self.api.get("/api/enrichment/bulk-status")).data["lastRun"]

    async def _tables(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for table in await self.rows.fetch(TABLES):
            found |= {table["name"]: table["size"], f"{table['name']} (indexes)": table["indexes"]}
        return found


def taken(folder: Path) -> int:
    """Bytes that the files of a folder take on the disk. One may go meanwhile, as when the server compacts."""
    found = 0
    for file in folder.rglob("*"):
        try:
            found += file.stat().st_blocks * BLOCK if file.is_file() else 0
        except FileNotFoundError:
            continue
    return found
