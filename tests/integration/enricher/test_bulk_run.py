"""Runs over the whole library on the real bus: order, quota, take-over, cancel; and the sum law at every event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from metarr_contracts import bulk, subjects
from tests.integration.enricher.conftest import eventually

if TYPE_CHECKING:
    from metarr_contracts.base import Value
    from tests.integration.enricher.conftest import World


def film(number: int) -> dict[str, Any]:
    """A film of the sandbox's that all providers know, by its ids."""
    return {"title": f"Film {number}", "year": 1990, "imdbId": f"tt{number:07d}", "tmdbId": 10_000_000 + number}


async def run(world: World, **wanted: Any) -> int:
    """Start a run; the job's id."""
    return await world.command(subjects.BULK_RUN, json.dumps(wanted).encode())


async def ended(world: World, job_id: int) -> bulk.BulkEnded:
    """Wait until the run has ended and its command is gone; its end."""
    await eventually(lambda: world.gone(job_id))
    [end] = [event for event in await story(world) if isinstance(event, bulk.BulkEnded) and event.job_id == job_id]
    return end


async def story(world: World) -> list[Value]:
    """All facts of all runs."""
    return [one.body for one in await world.history(subjects.BULK_EVENTS) if one.body is not None]


class TestWholeRun:
    """Every film once."""

    async def test_all_films_are_processed_once(self, world: World) -> None:
        """And each provider is asked once about each; the next run asks nobody."""
        ids = await world.seed(*(film(n) for n in range(101, 141)))
        await world.enricher()
        end = await ended(world, await run(world))
        assert (end.status, end.counts.total, end.counts.failed, end.cursor) == ("completed", len(ids), 0, 1)
        assert end.counts.processed == len(ids)
        first = await world.requests()
        again = await ended(world, await run(world))
        assert again.counts == bulk.RunCounts(total=len(ids), skipped=len(ids), remaining=0)
        assert await world.requests() == first
