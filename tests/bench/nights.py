#!/usr/bin/env python
"""Goes through a large library night after night with a small quota at OMDb, and prints what each night did.

python tests/bench/nights.py [films] [quota]    # 25,000 films and 1,000 requests a night: 25 nights, some minutes
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.processes import resident_mb
from tests.e2e.client import Api, api_of
from tests.e2e.library import import_rows, made_up
from tests.e2e.system import System, running

FIRST_NIGHT = datetime(2030, 1, 1, 3, tzinfo=UTC)
WINDOW = 16
PATIENCE_SECONDS = 3_600


async def main(films: int, quota: int) -> None:
    """Run the nights and print."""
    async with (
        running(METARR_SCHEDULE="0 3 * * *", METARR_BULK_WINDOW=str(WINDOW)) as system,
        api_of(system.url) as api,
    ):
        began = perf_counter()
        print(await import_rows(api, made_up(films), seconds=PATIENCE_SECONDS), f"in {perf_counter() - began:.0f} s")
        await system.control("PUT", "/providers/omdb", {"dailyLimit": quota})
        answered: dict[str, dict[str, int]] = {name: {} for name in ("tmdb", "omdb", "fanart")}
        processed, nights, worst = 0, 0, 0
        while processed < films:
            nights += 1
            refused = await night(system, api, FIRST_NIGHT + timedelta(days=nights - 1), answered)
            run = (await api.get("/api/enrichment/bulk-status")).data["lastRun"]
            processed += run["stats"]["processed"]
            worst = max(worst, refused)
            print(
                f"night {nights}: {run['status']}, {run['stats']}, refused {refused}, resumes at "
                f"{run['resumeFrom'] and run['resumeFrom']['position']}, enricher "
                f"{resident_mb(system.processes['enricher'].pid):.0f} MB",
                flush=True,
            )
        twice = {name: sum(times > 1 for times in films_.values()) for name, films_ in answered.items()}
        print(f"{processed} films processed in {nights} nights; refused requests a night: {worst} at most")
        print(
            f"films that a provider answered more than once: {twice} (the last night goes on with films of weeks ago)"
        )


async def night(system: System, api: Api, due: datetime, answered: dict[str, dict[str, int]]) -> int:
    """One night, started by the scheduler; how many requests OMDb refused."""
    last = (await api.get("/api/enrichment/bulk-status")).data["lastRun"]
    await system.control("POST", "/requests/reset")
    await system.set_clock(due - timedelta(seconds=2))
    await api.bulk_status(
        lambda status: (
            status["lastRun"] is not None
            and status["lastRun"]["jobId"] != (last and last["jobId"])
            and status["currentRun"] is None
        ),
        PATIENCE_SECONDS,
    )
    counts: dict[str, Any] = await system.control("GET", "/requests")
    for name, told in counts.items():
        for film, times in told["answeredById"].items():
            answered[name][film] = answered[name].get(film, 0) + times
    omdb = counts["omdb"]
    refused: int = omdb["requests"] - sum(omdb["answeredById"].values())
    return refused


if __name__ == "__main__":
    asyncio.run(main(*(int(told) for told in (sys.argv[1:] + ["25000", "1000"][len(sys.argv) - 1 :]))))
