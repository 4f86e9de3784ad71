"""A whole system on a cluster of three NATS servers, and what must hold after whatever was done to the servers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import asyncpg
from tests.e2e.client import Api, RunFrames, assert_sums
from tests.e2e.system import NATS_PASSWORDS, System
from tests.faults.story import Story, left, read_story
from tests.integration.cluster.nats_cluster import NatsCluster, answered
from tests.integration.projector.scenes import Rows

from metarr_chassis.background import running
from metarr_chassis.bus import Bus
from metarr_chassis.topology import setup
from metarr_contracts import events, streams
from metarr_contracts.bulk import BulkStarted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

FILMS = 60
WINDOW = 2
"""Films of a run in flight, one for each of both enrichers."""
BY_HAND = 4.0
"""Seconds between two refreshes by hand: so few that they alone do not come to the end of the library."""
SLOW_MS, FAST_MS = 4_000, 250
"""How long providers take for an answer."""
AGAIN = 0.1
"""Seconds after one that was refused."""
SECONDS = 120
DAYS_100 = 100 * 86_400
"""After so long every film is due again."""
ENDS = (events.MovieEnriched, events.EnrichmentFailed, events.EnrichmentCancelled, events.CommandRejected)


class ClusterSystem(System):
    """The system of the end-to-end tests, with three copies on three servers."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.cluster = NatsCluster(self.folder / "nats", passwords=NATS_PASSWORDS)
        self.nats = self.cluster  # type: ignore[assignment]  # it is used for its url, start() and stop() alone

    async def __aenter__(self) -> Self:
        await self.cluster.start()
        await setup(self.cluster.url, demo=self.demo, replicas=3)
        await super().__aenter__()
        await self.start("enricher", "enricher2")
        await self.start("projector", "projector2")
        return self

    def all_live(self) -> bool:
        """Whether no process has ended."""
        return all(process.returncode is None for process in self.processes.values())


@dataclass
class Refreshes:
    """Refreshes by hand that go on, one film after the other.

    Attributes:
        accepted: The jobs that were answered 202.
        refused: How many were answered 500.
        gaps: Seconds from the first 500 to the next other answer, each time.
    """

    api: Api
    accepted: list[int] = field(default_factory=list)
    refused: int = 0
    gaps: list[float] = field(default_factory=list)
    _since: float | None = None

    async def go_on(self) -> None:
        """Refresh until cancelled."""
        for movie_id in itertools.cycle(range(FILMS, 0, -1)):
            asked = time.monotonic()
            answer = await self.api.post(f"/api/movies/{movie_id}/enrich")
            assert answer.status in {202, 409, 500}, answer
            if answer.status == 500:
                self.refused += 1
                self._since = self._since or asked
                assert answer.body["error"] == "Failed to queue job"
            elif self._since is not None:
                self.gaps.append(time.monotonic() - self._since)
                self._since = None
            if answer.status == 202:
                self.accepted.append(answer.data["jobId"])
            await asyncio.sleep(BY_HAND if self._since is None else AGAIN)

    async def until_accepted(self, more: int) -> None:
        """Wait until so many more were accepted."""
        goal = len(self.accepted) + more
        async with asyncio.timeout(SECONDS):
            while len(self.accepted) < goal:
                await asyncio.sleep(0.05)

    async def until_refused(self, more: int) -> None:
        """Wait until so many more were refused."""
        goal = self.refused + more
        async with asyncio.timeout(SECONDS):
            while self.refused < goal:
                await asyncio.sleep(0.05)


@dataclass
class Run:
    """A run over the whole library that goes on, with refreshes by hand beside it."""

    site: Site
    job: int
    refreshes: Refreshes

    @contextlib.asynccontextmanager
    async def in_its_middle(self) -> AsyncIterator[None]:
        """What is done in this context is done when some films were asked about and before all were.

        It may take its time, as providers do meanwhile. OMDb is the one that is asked first.
        """
        async with asyncio.timeout(SECONDS):
            while len((await self.site.system.asked())["omdb"]) < 0.1 * FILMS:
                await asyncio.sleep(0.05)
        await self.site.system.providers(latencyMs=SLOW_MS)
        yield
        assert len((await self.site.system.asked())["omdb"]) < FILMS
        await self.site.system.providers(latencyMs=FAST_MS)


@dataclass(frozen=True)
class Site:
    """A system, its client, which is patient, and a connection to its bus."""

    system: ClusterSystem
    api: Api
    bus: Bus

    @property
    def cluster(self) -> NatsCluster:
        """The NATS servers."""
        return self.system.cluster

    async def healthy(self) -> None:
        """Wait until the streams have three copies that are up to date: then a server can be taken."""
        await self.cluster.healthy()
        await self.cluster.has_copies(3, streams.COMMANDS, streams.EVENTS, streams.ANSWERS)

    @contextlib.asynccontextmanager
    async def run(self, losses: int) -> AsyncIterator[Run]:
        """A run for which every film is due. On leaving everything is awaited and looked at.

        What was in flight at one of so many `losses` may have been asked for once more.
        """
        await self.cluster.start()
        await self.system.providers(latencyMs=FAST_MS)
        await self.healthy()
        await self.system.advance_clock(DAYS_100)
        await self.system.control("POST", "/requests/reset")
        start = 1 + (await answered(lambda: self.bus.stream_state(streams.EVENTS))).last_seq
        refreshes = Refreshes(Api(self.api.session, self.api.url))
        async with self.api.run_frames() as frames:
            job = await self.api.start_run()
            async with running(refreshes.go_on()):
                yield Run(self, job, refreshes)
                await self.api.run_ended(job, SECONDS)
            await frames.until_end(job, SECONDS)
        await self._until_idle()
        assert self.system.all_live()
        print(f"POSTs refused: {refreshes.refused}; seconds without: {[round(gap, 1) for gap in refreshes.gaps]}")  # noqa: T201 - figures
        story = await read_story(self.bus, job, start)
        _assert_run(story, frames)
        _assert_one_end(story, refreshes)
        _assert_asked_once(await self.system.asked(), losses)
        await self._assert_read_models()

    async def _until_idle(self) -> None:
        async with asyncio.timeout(SECONDS):
            while await answered(lambda: left(self.bus, streams.COMMANDS)):
                await asyncio.sleep(0.05)
        assert await answered(lambda: left(self.bus, streams.DEAD)) == 0

    async def _assert_read_models(self) -> None:
        """They are what the events alone make of them."""
        connection = await asyncpg.connect(self.system.postgres.url)
        try:
            rows = Rows(connection)
            await rows.reach((await answered(lambda: self.bus.stream_state(streams.EVENTS))).last_seq)
            before = await rows.dump()
            await answered(lambda: self.bus.request("metarr.ops.rebuild", timeout=SECONDS))
            assert await rows.dump() == before
        finally:
            await connection.close()


def _assert_run(story: Story, frames: RunFrames) -> None:
    """It began once and ended once, completed; each film was looked at once; the sums hold in every fact and frame."""
    assert sum(isinstance(fact, BulkStarted) for fact in story.run) == 1
    assert story.end.status == "completed", story.end
    counts = story.end.counts
    assert (counts.total, counts.failed, counts.remaining) == (FILMS, 0, 0)
    assert (counts.processed + counts.skipped, counts.processed) == (FILMS, len(story.films))
    assert max(Counter(film.movie_id for film in story.films).values()) == 1
    for fact in story.run:
        one = fact.counts
        assert one.processed + one.skipped + one.failed + one.remaining == FILMS
    assert_sums(frames.of(story.job))


def _assert_one_end(story: Story, refreshes: Refreshes) -> None:
    """Every job has one last event, and every job that was accepted has one."""
    ends = [fact for fact in story.facts if isinstance(fact, ENDS)]
    often = Counter(end.job_id for end in ends)
    assert max(often.values()) == 1, often.most_common(3)
    assert set(refreshes.accepted) <= set(often)
    assert all(isinstance(end, events.MovieEnriched) for end in ends), ends


def _assert_asked_once(asked: Mapping[str, Mapping[str, int]], losses: int) -> None:
    """Each provider once about each film, but for what was in flight at a loss, of the run or by hand."""
    for provider, ids in asked.items():
        assert sum(ids.values()) - len(ids) <= losses * (WINDOW + 1), (provider, ids)
        assert max(ids.values()) <= 1 + losses, (provider, ids)
