"""A rolling upgrade from the version before, in the middle of work: each order is safe, and nothing is lost."""

import json
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.client import Api, api_of
from tests.e2e.library import films, import_ended, import_rows, made_up
from tests.faults.ending import assert_rows_equal_a_rebuild, idle, until_asked
from tests.faults.load import Load
from tests.faults.story import left, read_story
from tests.faults.versions import BEFORE, SECOND, Versions, is_known, unpack
from tests.terminal import TERMINAL

from metarr_chassis.bus import Bus, connect
from metarr_chassis.clock import Clock
from metarr_contracts import events, streams
from metarr_gateway.command_queue import CommandQueue
from metarr_local.ports import free_port

pytestmark = pytest.mark.skipif(not is_known(), reason=f"the repository's history has not got {BEFORE}")

ORDERS = (
    ("gateway", "enricher", "scheduler", "projector"),
    ("projector", "scheduler", "enricher", "gateway"),
)
FILMS = 60
RUN_SECONDS = 300
IMPORTED = 800
"""Rows of an import that goes on while services are replaced."""


@pytest.fixture(scope="module")
def old_path() -> Iterator[str]:
    """Where the packages of the version before are."""
    with tempfile.TemporaryDirectory(prefix="metarr-before-") as folder:
        yield unpack(Path(folder))


@pytest.fixture
async def versions(server_folder: Path, old_path: str) -> AsyncIterator[Versions]:
    """A system of the version before."""
    versions = Versions(server_folder, old_path)
    try:
        await versions.begin()
        yield versions
    finally:
        await versions.system.__aexit__()


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{order[0]}-first")
async def test_rolling_upgrade(versions: Versions, order: tuple[str, ...]) -> None:
    """Films, locks, a run, refreshes and an import of the version before are brought to their end by this one."""
    system = versions.system
    system.ports["gateway" + SECOND] = free_port()
    old_url, new_url = system.url, f"http://127.0.0.1:{system.ports['gateway' + SECOND]}"
    async with (
        api_of(old_url, patient=True) as old,
        api_of(new_url, patient=True) as new,
        connect(system.nats.url, "test") as bus,
    ):
        await import_rows(old, made_up(FILMS))
        ids = [film["id"] for film in await films(old)]
        at_rest = await _settle(old, bus, ids[:3])
        await system.providers(latencyMs=250, jitterMs=250)
        load = Load((old_url, new_url), ids[-20:], watchers=0, pause=0.1)
        run = await old.start_run()
        await until_asked(system, FILMS // 10)
        imported = await _import(bus)
        async with load.going_on():
            await load.until_more(3)
            versions.turn_to_present()
            await versions.set_up()
            # A machine of the old version may be replaced at any moment of the upgrade.
            versions.turn_to_old()
            await versions.restart("scheduler")
            versions.turn_to_present()
            await versions.roll(order)
            await load.until_more(3)
        await new.run_ended(run, RUN_SECONDS)
        await idle(bus)
        assert (await import_ended(new, imported))["counts"]["added"] == IMPORTED
        assert await _shown(new, bus, at_rest) == at_rest
        await _assert_nothing_lost(bus, run)
        await assert_rows_equal_a_rebuild(system, bus)
        print(  # noqa: T201 - the figures of the test
            f"{order}: {load.answers.total()} requests, {dict(load.answers)}, {load.refused} refused, "
            f"{len(load.failed)} lost by the version before"
        )


async def _settle(api: Api, bus: Bus, ids: list[int]) -> Mapping[int, Any]:
    """Films with own values, locks and answers of providers, which nobody touches any more, and how they are shown."""
    for movie_id in ids:
        await api.post(f"/api/movies/{movie_id}/enrich")
        changed = {"fields": {"tagline": f"Mine {movie_id}"}, "lock": ["tagline", "plot"]}
        assert (await api.request("PATCH", f"/api/movies/{movie_id}", json=changed)).status == 200
    await idle(bus)
    shown = await _shown(api, bus, dict.fromkeys(ids))
    assert all(film["fields"]["tagline"]["value"] == f"Mine {movie_id}" for movie_id, film in shown.items())
    return shown


async def _shown(api: Api, bus: Bus, of: Mapping[int, Any]) -> Mapping[int, Any]:
    """Films as they are shown; of those whose earlier looks are given, what these had, for a version may add."""
    after = (await bus.stream_state(streams.EVENTS)).last_seq
    shown = {movie_id: (await api.get(f"/api/movies/{movie_id}", after=after)).data for movie_id in of}
    return {movie_id: {name: film[name] for name in of[movie_id] or film} for movie_id, film in shown.items()}


async def _import(bus: Bus) -> int:
    """Queue the import of a file, as the gateway does with a large one."""
    rows = "\n".join(json.dumps({"row": row, **film}) for row, film in enumerate(made_up(IMPORTED, 25_000_000), 1))
    return await CommandQueue(bus, Clock()).put_import(rows.encode(), IMPORTED)


async def _assert_nothing_lost(bus: Bus, run: int) -> None:
    """Every command that was ever stored has one end, every fact is readable, the run's sums hold, nobody gave up."""
    story = await read_story(bus, run, 1)
    ends = Counter(fact.job_id for fact in story.facts if isinstance(fact, TERMINAL))
    assert ends == dict.fromkeys(range(1, (await bus.stream_state(streams.COMMANDS)).last_seq + 1), 1)
    assert not any(isinstance(fact, events.CommandRejected | events.EnrichmentFailed) for fact in story.facts)
    assert (story.end.counts.total, story.end.counts.remaining, story.end.counts.failed) == (FILMS, 0, 0)
    for fact in story.run:
        assert fact.counts.settled + fact.counts.remaining == fact.counts.total
    assert await left(bus, streams.DEAD) == 0
