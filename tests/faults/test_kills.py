"""Runs over the whole library while what they consist of is killed: done once, asked once, told truly."""

import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from tests.e2e.client import Api, api_of, assert_sums
from tests.e2e.system import System, running
from tests.faults.attack import ENRICHERS, Attack
from tests.faults.scale import KILLS, RUN_SECONDS, SEED, WINDOW, fill
from tests.faults.story import Story, left, read_story

from metarr_chassis.bus import Bus, connect
from metarr_contracts import streams
from metarr_contracts.movie import band

DAYS_100 = 100 * 86_400
"""After so long every film is due again."""


@dataclass(frozen=True)
class Site:
    """A system of three enrichers with a filled library."""

    system: System
    api: Api
    bus: Bus
    films: int


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    """One for all tests of this module: each of them runs over all its films."""
    async with (
        running(METARR_LOG_FORMAT="json", METARR_BULK_WINDOW=str(WINDOW)) as system,
        api_of(system.url) as api,
        connect(system.nats.url, "test") as bus,
    ):
        for name in ENRICHERS[1:]:
            await system.start("enricher", name)
        films = await fill(api)
        await system.providers(latencyMs=80, jitterMs=80)
        yield Site(system, api, bus, films)


@pytest.mark.parametrize(("kind", "force"), [("lead", False), ("other", True), ("nats", False), ("postgres", True)])
async def test_killed_in_the_middle_of_a_run(site: Site, kind: str, force: bool) -> None:  # noqa: FBT001
    """One end, completed; each film done once; nothing asked again but what was in flight; read models tell so."""
    if not force:
        await site.system.advance_clock(DAYS_100)
    await site.system.control("POST", "/requests/reset")
    start = 1 + (await site.bus.stream_state(streams.EVENTS)).last_seq
    began = time.monotonic()
    async with site.api.run_frames() as frames:
        job = await site.api.start_run(force=force)
        attack = Attack(site.system, job, site.films, random.Random(f"{SEED}/{kind}"))  # noqa: S311
        await attack.kills(kind, KILLS)
        last_run = await site.api.run_ended(job, RUN_SECONDS)
        await frames.until_end(job)
    assert len(attack.killed) == KILLS
    story = await read_story(site.bus, job, start)
    story.assert_lawful(site.films)
    assert_sums(frame for frame in frames.frames if frame["jobId"] == job)
    asked = {provider: Counter(ids) for provider, ids in (await site.system.asked()).items()}
    twice = {provider: sum(times > 1 for times in ids.values()) for provider, ids in asked.items()}
    print(  # noqa: T201
        f"\nseed {SEED}, {kind}, force {force}: killed {Counter(attack.killed)}, {site.films} films in "
        f"{time.monotonic() - began:.0f} s, {max(attack.attempts())} leads, requests "
        f"{ {provider: ids.total() for provider, ids in asked.items()} }, asked again {twice}"
    )
    _assert_asked_once(asked, 0 if kind == "postgres" else KILLS)
    await _assert_read_models(site, story, last_run)
    assert (await left(site.bus, streams.COMMANDS), await left(site.bus, streams.DEAD)) == (0, 0)


def _assert_asked_once(asked: dict[str, Counter[str]], kills: int) -> None:
    """Once for each film, but for those that were in flight at a kill."""
    for provider, ids in asked.items():
        assert ids.total() - len(ids) <= kills * WINDOW, provider
        assert max(ids.values()) <= 1 + kills, ids.most_common(3)


async def _assert_read_models(site: Site, story: Story, last_run: dict[str, object]) -> None:
    """The library's figures and the run's row are those of the facts."""
    after = [film.completeness.after for film in story.films]
    bands = Counter(band(completeness) for completeness in after)
    stats = (await site.api.get("/api/movies/enrichment/stats")).data
    assert stats["total"] == site.films
    assert (stats["enriched"], stats["partiallyEnriched"], stats["unenriched"]) == (
        bands["enriched"],
        bands["partial"],
        bands["unenriched"],
    )
    assert stats["averageCompleteness"] == round(sum(after) / site.films, 1)
    counts = story.end.counts
    assert (last_run["jobId"], last_run["status"]) == (story.job, "completed")
    assert last_run["stats"] == {
        "totalMovies": counts.total,
        "processed": counts.processed,
        "skipped": counts.skipped,
        "failed": counts.failed,
    }
    job = (await site.api.get(f"/api/jobs/{story.job}")).data
    assert (job["state"], job["progress"], job["run"]["stats"]["processed"]) == ("completed", 100, counts.processed)
