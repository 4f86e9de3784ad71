"""Row 11: an append with its expected sequence and its message id, against a plain publish of the same bytes.

Both go into the stream of events, for 64 films side by side, each film's one after the other. The rival is
`JetStreamContext.publish` on a connection of nats-py alone, with the very bytes that appends have stored before; the
headers that the server would check have other names of the same length. So all that makes an append out of a publish
counts here: the model as JSON, envelope, trace, the server's checks, the look at what it answers.
"""

import asyncio
import contextlib
import itertools
import random
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch
from uuid import NAMESPACE_OID, uuid5

import nats
from nats.js import JetStreamContext
from tests.bench.figures import Figure, Goal, at_least
from tests.bench.rounds import Size, alternating
from tests.unit.metarr_projector.histories import START, Library

from metarr_chassis.bus import connect
from metarr_chassis.event_store import EventStore, NewEvent
from metarr_chassis.topology import setup
from metarr_contracts import events, streams, subjects
from metarr_contracts.base import Value
from metarr_local import embedded_nats
from metarr_local.embedded_nats import EmbeddedNats

ROW = 11
GOAL = 0.7
RIVAL = "plain publish of the same bytes"
LANES = 64
"""Films whose events are stored side by side."""
FILLING = 512
"""Messages under way while a stream is filled."""
CONFIGURATION = embedded_nats.configuration


@dataclass(frozen=True)
class Message:
    """What a publish is given."""

    subject: str
    payload: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Speed:
    """Messages a second, and microseconds of processor time of the process that sends them, for each."""

    per_second: float
    processor: float


class Appends:
    """Appends the same bodies again and again, as new events."""

    def __init__(self, store: EventStore, bodies: Sequence[Value]) -> None:
        self._store = store
        self._bodies = bodies
        self._numbers = itertools.count(1)

    async def to_new_films(self) -> Speed:
        """Each lane has a film of its own that nothing is known of yet."""
        films = [next(self._numbers) for _ in range(LANES)]
        return await self.to(itertools.cycle(films), dict.fromkeys(films, 0))

    async def to(self, films: Iterator[int], last: dict[int, int]) -> Speed:
        """Each event goes to the next of these films, whose last sequences are known; no two lanes share one."""
        run = next(self._numbers)
        made = [
            (film, NewEvent(str(uuid5(NAMESPACE_OID, f"{run}.{number}")), body, START, str(run), str(run)))
            for number, (film, body) in enumerate(zip(films, self._bodies, strict=False))
        ]
        return await timed([self._lane(made[lane::LANES], last) for lane in range(LANES)], len(made))

    async def _lane(self, made: Sequence[tuple[int, NewEvent]], last: dict[int, int]) -> None:
        for film, event in made:
            last[film] = (await self._store.append(subjects.movie_event(film), event, last[film])).seq


async def publishes(js: JetStreamContext, messages: Sequence[Message]) -> Speed:
    """Publish them in as many lanes."""

    async def lane(number: int) -> None:
        for message in messages[number::LANES]:
            await js.publish(message.subject, message.payload, headers=message.headers)

    return await timed([lane(number) for number in range(LANES)], len(messages))


async def timed(lanes: Sequence[Coroutine[Any, Any, None]], count: int) -> Speed:
    """Run the lanes side by side; they have this many messages together."""
    began, used = perf_counter(), process_time()
    await asyncio.gather(*lanes)
    return Speed(count / (perf_counter() - began), 1e6 * (process_time() - used) / count)


async def measure(size: Size) -> AsyncIterator[Figure]:
    """Row 11: each write synced, as the product has it; by the server's default; in a stream of many films."""
    bodies = enriched(size.of(6_400, 128))
    async with server() as url:
        appends, plain = await against_plain(url, size, bodies)
    yield per_second("appends/s, 64 films side by side", appends, plain, at_least(GOAL))
    async with server(synced=False) as url:
        appends, plain = await against_plain(url, size, bodies)
    yield per_second("the same, synced every 2 minutes", appends, plain)
    yield Figure(
        ROW,
        "processor time of the sender, an append",
        "µs",
        tuple(speed.processor for speed in appends),
        RIVAL,
        tuple(speed.processor for speed in plain),
    )
    films = size.of(100_000, 200)
    speeds = await in_a_large_stream(size, bodies, films)
    yield Figure(ROW, f"appends/s to random ones of {films:,} films", "1/s", tuple(one.per_second for one in speeds))


def per_second(name: str, appends: Sequence[Speed], plain: Sequence[Speed], goal: Goal | None = None) -> Figure:
    """How fast appends are beside plain publishes."""
    values, ceilings = (tuple(speed.per_second for speed in speeds) for speeds in (appends, plain))
    return Figure(ROW, name, "1/s", values, RIVAL, ceilings, goal)


async def against_plain(url: str, size: Size, bodies: Sequence[Value]) -> list[tuple[Speed, ...]]:
    """Appends to new films and plain publishes by turns."""
    async with connect(url, "appends") as bus, plain_connection(url) as js:
        appends = Appends(EventStore(bus, "enricher"), bodies)
        await appends.to_new_films()
        messages = [message async for message in stored(js, len(bodies))]
        await publishes(js, messages)
        return await alternating(size.rounds, appends.to_new_films, lambda: publishes(js, messages))


async def in_a_large_stream(size: Size, bodies: Sequence[Value], films: int) -> tuple[Speed, ...]:
    """Appends to films that are anywhere in a stream of many, each write synced."""
    with tempfile.TemporaryDirectory(prefix="metarr-bench-") as folder:
        async with server(Path(folder), synced=False) as url, plain_connection(url) as js:
            last = await fill(js, films)
        async with server(Path(folder)) as url, connect(url, "appends") as bus:
            appends = Appends(EventStore(bus, "enricher"), bodies)
            chosen = random.Random(7)  # noqa: S311  # a choice of films, no secret
            (speeds,) = await alternating(
                size.rounds, lambda: appends.to(iter(chosen.sample(sorted(last), len(bodies))), last)
            )
            return speeds


async def fill(js: JetStreamContext, films: int) -> dict[int, int]:
    """Store one event for each film; the sequences of all."""
    _, body = Library(7).history(1)[0]
    payload, last = body.to_json(), dict[int, int]()

    async def lane(number: int) -> None:
        for film in range(number + 1, films + 1, FILLING):
            last[film] = (await js.publish(subjects.movie_event(film), payload)).seq

    await asyncio.gather(*(lane(number) for number in range(FILLING)))
    return last


def enriched(count: int) -> list[Value]:
    """Events as enriching makes them, of whatever films."""
    told = (
        body for _, body in itertools.chain.from_iterable(Library(seed).history(4_000) for seed in itertools.count())
    )
    return list(itertools.islice((body for body in told if isinstance(body, events.MovieEnriched)), count))


async def stored(js: JetStreamContext, count: int) -> AsyncIterator[Message]:
    """The first messages of the stream of events, to be published once more with nothing that the server checks."""
    subscription = await js.subscribe(subjects.EVENTS, stream=streams.EVENTS, ordered_consumer=True)
    for _ in range(count):
        message = await subscription.next_msg()
        headers = {name.replace("Nats-", "Nots-"): value for name, value in (message.headers or {}).items()}
        yield Message(message.subject, message.data, headers)
    await subscription.unsubscribe()


@contextlib.asynccontextmanager
async def plain_connection(url: str) -> AsyncIterator[JetStreamContext]:
    """JetStream by nats-py and nothing of ours."""
    client = await nats.connect(url)
    try:
        yield client.jetstream()
    finally:
        await client.close()


@contextlib.asynccontextmanager
async def server(folder: Path | None = None, *, synced: bool = True) -> AsyncIterator[str]:
    """The address of a server as the product has it, with its streams; or one that syncs when it likes to."""
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="metarr-bench-")))
        if not synced:
            stack.enter_context(patch.object(embedded_nats, "configuration", unsynced))
        async with EmbeddedNats(place) as running:
            await setup(running.url, demo=True)
            yield running.url


def unsynced(store: Path, port: int, name: str) -> str:
    """The settings of the product's server without the one that makes it sync each write."""
    return CONFIGURATION(store, port, name).replace(", sync_interval: always", "")
