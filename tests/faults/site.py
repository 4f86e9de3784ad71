"""A system of three enrichers with a filled library, and runs over it that end well whatever is done to them."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.client import Api, assert_sums
from tests.e2e.system import System
from tests.faults.attack import Attack
from tests.faults.ending import idle
from tests.faults.scale import RUN_SECONDS, SEED, WINDOW
from tests.faults.story import Story, left, read_story

from metarr_chassis.bus import Bus
from metarr_contracts import streams
from metarr_contracts.movie import band

DAYS_100 = 100 * 86_400
"""After so long every film is due again."""


@dataclass(frozen=True)
class Site:
    """A system, its client, a connection to its bus, and how many films there are."""

    system: System
    api: Api
    bus: Bus
    films: int

    @contextlib.asynccontextmanager
    async def run(self, name: str, *, force: bool = False, losses: int) -> AsyncIterator[Attack]:
        """A run for which every film is due; `name` makes its random moments those of this run.

        On leaving it is awaited and looked at. What was in flight may have been asked for once more at each of so many
        `losses`; else everybody is asked once about each film.
        """
        print(f"\n{name}: METARR_TEST_SEED={SEED}")  # noqa: T201 - shown when the test fails
        if not force:
            await self.system.advance_clock(DAYS_100)
        await self.system.control("POST", "/requests/reset")
        start = 1 + (await self.bus.stream_state(streams.EVENTS)).last_seq
        began = time.monotonic()
        async with self.api.run_frames() as frames:
            job = await self.api.start_run(force=force)
            dice = random.Random(f"{SEED}/{name}")  # noqa: S311 - the moments of a test
            attack = Attack(self.system, job, self.films, dice)
            yield attack
            last_run = await self.api.run_ended(job, RUN_SECONDS)
            await frames.until_end(job)
        # A command is acknowledged after its end was told.
        await idle(self.bus)
        asked = {provider: Counter(ids) for provider, ids in (await self.system.asked()).items()}
        print(  # noqa: T201 - the figures of a run at full scale
            f"{name}: ended {attack.ended}, {self.films} films in "
            f"{time.monotonic() - began:.0f} s, {max(attack.attempts())} deliveries, "
            f"requests { {provider: ids.total() for provider, ids in asked.items()} }, "
            f"asked again { {provider: sum(times > 1 for times in ids.values()) for provider, ids in asked.items()} }"
        )
        story = await read_story(self.bus, job, start)
        story.assert_lawful(self.films)
        assert_sums(frame for frame in frames.frames if frame["jobId"] == job)
        _assert_asked_once(asked, losses)
        await self._assert_read_models(story, last_run)
        assert (await left(self.bus, streams.COMMANDS), await left(self.bus, streams.DEAD)) == (0, 0)

    async def _assert_read_models(self, story: Story, last_run: Mapping[str, Any]) -> None:
        """The library's figures and the run's row are those of the facts."""
        after = [film.completeness.after for film in story.films]
        bands = Counter(band(completeness) for completeness in after)
        stats = (await self.api.get("/api/movies/enrichment/stats")).data
        shown = (stats["enriched"], stats["partiallyEnriched"], stats["unenriched"])
        assert shown == (bands["enriched"], bands["partial"], bands["unenriched"])
        assert (stats["total"], stats["averageCompleteness"]) == (self.films, round(sum(after) / self.films, 1))
        counts = story.end.counts
        assert (last_run["jobId"], last_run["status"]) == (story.job, "completed")
        assert last_run["stats"] == {
            "totalMovies": counts.total,
            "processed": counts.processed,
            "skipped": counts.skipped,
            "failed": counts.failed,
        }
        job = (await self.api.get(f"/api/jobs/{story.job}")).data
        assert (job["state"], job["progress"], job["run"]["stats"]["processed"]) == ("completed", 100, counts.processed)


def _assert_asked_once(asked: Mapping[str, Counter[str]], losses: int) -> None:
    """Each provider once for each of the ids by which it knows films, but for those that were in flight at a loss."""
    for provider, ids in asked.items():
        assert ids.total() - len(ids) <= losses * WINDOW, provider
        assert max(ids.values()) <= 1 + losses, (provider, ids.most_common(3))
