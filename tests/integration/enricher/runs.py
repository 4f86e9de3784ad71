"""Runs over the whole library, as tests start and watch them."""

from __future__ import annotations

import json
import signal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.enricher.conftest import eventually

from metarr_contracts import bulk, events, streams, subjects
from metarr_contracts.fields import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from tests.integration.enricher.conftest import Running, World

    from metarr_contracts.base import Value

KILLED = str(Path(__file__).with_name("killed.py"))


def film(number: int) -> dict[str, Any]:
    """A film of the sandbox's, by its ids."""
    return {"title": f"Film {number}", "year": 1990, "imdbId": f"tt{number:07d}", "tmdbId": 10_000_000 + number}


def films(count: int) -> Iterable[dict[str, Any]]:
    """So many films."""
    return (film(number) for number in range(1001, 1001 + count))


async def run(world: World, **wanted: Any) -> int:
    """Start a run as an operator does, without headers; the job's id."""
    ack = await world.bus.js.publish(subjects.BULK_RUN, json.dumps(wanted).encode(), stream=streams.COMMANDS)
    job_id: int = ack.seq
    return job_id


async def kill_all(
    world: World, steps: Mapping[int, str], command: Callable[[int], Awaitable[int]] | None = None
) -> Mapping[int, int]:
    """Have an enricher with one hand killed at each film's step; the films' jobs, which wait for who comes next."""
    plan = json.dumps({str(movie_id): step for movie_id, step in steps.items()})
    killed = [await world.process(KILLED, plan) for _ in steps]
    # All are there before there is work, and none gets what another one leaves: each dies of a film of its own.
    await world.hands_are_free(len(steps))
    await world.acknowledged_within(3_600)
    jobs = {movie_id: await (command or world.refresh)(movie_id) for movie_id in steps}
    assert {await process.wait() for process in killed} == {-signal.SIGKILL}
    await world.acknowledged_within(streams.ACK_WAIT_SECONDS)
    return jobs


async def story(world: World, job_id: int) -> Sequence[Value]:
    """All facts of a run, in order."""
    told = [one.body for one in await world.history(subjects.BULK_EVENTS) if one.body is not None]
    return [event for event in told if getattr(event, "job_id", None) == job_id]


async def ended(world: World, job_id: int) -> bulk.BulkEnded:
    """Wait until the run has ended and its command is gone; its one end. The law of counts holds at every event."""
    await eventually(lambda: world.gone(job_id))
    told = await story(world, job_id)
    assert isinstance(told[0], bulk.BulkStarted)
    *_, end = told
    assert isinstance(end, bulk.BulkEnded)
    assert sum(isinstance(event, bulk.BulkEnded) for event in told) == 1
    counts = [getattr(event, "counts", None) for event in told]
    for one in (count for count in counts if count is not None):
        assert one.processed + one.skipped + one.failed + one.remaining == one.total
    for earlier, later in pairwise([count for count in counts if count is not None]):
        assert later.settled >= earlier.settled
    assert end.counts.remaining == 0
    return end


async def whole(world: World, **wanted: Any) -> bulk.BulkEnded:
    """A run from its start to its end."""
    return await ended(world, await run(world, **wanted))


async def under_way(world: World, requests: int) -> None:
    """Wait until providers have been asked so often."""

    async def reached() -> bool:
        return sum((await world.requests()).values()) >= requests

    await eventually(reached)


async def asked(world: World) -> dict[str, int]:
    """How often each provider was asked about films; lists of changed films are not about one."""
    async with world.http.get("/control/requests") as response:
        counts = await response.json()
    return {name: count["requests"] - count["byKind"].get("changes", 0) for name, count in counts.items()}


async def is_idle(world: World) -> bool:
    """Whether no film is waiting or at work."""
    return await world.bus.next_message(streams.COMMANDS, subjects.ENRICH_COMMANDS, 1) is None


async def waits(world: World, job_id: int) -> bool:
    """Whether the run says that it waits for a provider; the provider's pause is told before the run knows of it."""
    told = await story(world, job_id)
    return bool(told) and isinstance(told[-1], bulk.BulkProgressed) and told[-1].waiting is not None


async def is_paused(world: World, running: Running) -> bool:
    """Whether a provider is paused now."""
    last = [await world.store.last(subjects.provider_event(name)) for name in PROVIDERS]
    pauses = [one.body for one in last if one is not None and isinstance(one.body, events.ProviderPaused)]
    return any(pause.until > running.clock.now() for pause in pauses)
