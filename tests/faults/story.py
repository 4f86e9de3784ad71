"""What the bus holds of a run when it is over: its facts, the films' ends, what is left in the queues."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy

from metarr_chassis.bus import Bus
from metarr_contracts import bulk, events, streams
from metarr_contracts.base import Value
from metarr_contracts.envelope import read_envelope
from metarr_contracts.registry import decode

READ_SECONDS = 60


@dataclass(frozen=True)
class Story:
    """The facts since the run was started, in order."""

    job: int
    facts: Sequence[Value]

    @property
    def run(self) -> Sequence[bulk.BulkEvent]:
        """The facts of the run itself."""
        return [fact for fact in self.facts if isinstance(fact, bulk.BulkEvent) and fact.job_id == self.job]

    @property
    def end(self) -> bulk.BulkEnded:
        """The one end of the run, its last fact."""
        [end] = [fact for fact in self.run if isinstance(fact, bulk.BulkEnded)]
        assert self.run[-1] is end
        return end

    @property
    def films(self) -> Sequence[events.MovieEnriched]:
        """The films that were done in the run."""
        return [fact for fact in self.facts if isinstance(fact, events.MovieEnriched) and fact.run_id == self.job]

    def assert_lawful(self, films: int) -> None:
        """It began once and ended once, completed; each film was done once; the counts held at every fact."""
        assert sum(isinstance(fact, bulk.BulkStarted) for fact in self.run) == 1
        assert self.end.status == "completed", self.end
        often = {movie_id: n for movie_id, n in Counter(film.movie_id for film in self.films).items() if n > 1}
        assert not often, f"films done more than once: {often}"
        assert len(self.films) == films
        failed = [fact for fact in self.facts if isinstance(fact, events.EnrichmentFailed)]
        assert not failed, failed
        assert self.end.counts == bulk.RunCounts(total=films, processed=films, remaining=0)
        counts = [fact.counts for fact in self.run]
        for one in counts:
            assert (one.total, one.processed + one.skipped + one.failed + one.remaining) == (films, films)
        for earlier, later in pairwise(counts):
            assert later.processed >= earlier.processed


async def read_story(bus: Bus, job: int, start: int) -> Story:
    """The facts from this sequence of METARR_EVENTS on."""
    facts: list[Value] = []
    done = asyncio.Event()

    async def told(message: Msg) -> None:
        facts.append(decode(read_envelope(message.headers or {}), message.data))
        if message.metadata.num_pending == 0:
            done.set()

    config = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=start)
    subscription = await bus.js.subscribe(
        "metarr.evt.>", stream=streams.EVENTS, ordered_consumer=True, cb=told, config=config
    )
    async with asyncio.timeout(READ_SECONDS):
        await done.wait()
    await subscription.unsubscribe()
    return Story(job, facts)


async def left(bus: Bus, stream: str) -> int:
    """How many messages a stream holds."""
    return int((await bus.api(f"STREAM.INFO.{stream}"))["state"]["messages"])
