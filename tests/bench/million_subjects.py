#!/usr/bin/env python
"""Prints what many films in one stream METARR_EVENTS cost its server: memory, restarts, reads, appends, consumers.

python tests/bench/million_subjects.py [films ...]    # 100,000, 300,000 and 1,000,000 films: half an hour, 5 GB of disk

At last answers and snapshots are added to as many films as there were at first. `GOMEMLIMIT` of the environment holds.

The stream has the product's own settings. A film has three subjects, as after an import: its own, and a claim for each
of its two ids. While the stream is filled the server syncs when it likes to; all that is timed happens on a server with
the product's settings. Processor time stands beside the time where the server works for long.
"""

import asyncio
import contextlib
import json
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from itertools import chain, product
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest.mock import patch
from uuid import NAMESPACE_OID, uuid5

from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.appending import Message, unsynced
from tests.bench.disk import taken
from tests.bench.processes import processor_seconds, resident_mb
from tests.bench.rounds import percentile

from metarr_chassis.bus import Bus, connect
from metarr_chassis.event_store import EventStore, NewEvent
from metarr_chassis.topology import setup
from metarr_contracts import subjects
from metarr_contracts.base import Value
from metarr_contracts.envelope import Envelope
from metarr_contracts.events import CancelRequested, ClaimTaken, MovieAdded
from metarr_contracts.fields import TRACKED, ProviderName
from metarr_contracts.movie import ExternalIds, MissingField
from metarr_contracts.registry import type_of
from metarr_contracts.streams import ANSWERS, EVENTS, SNAPSHOTS
from metarr_enricher.census import census
from metarr_enricher.following import following
from metarr_local import embedded_nats
from metarr_local.embedded_nats import EmbeddedNats

START = datetime(2026, 11, 22, 3, tzinfo=UTC)
ALL_MISSING = tuple(
    MissingField(field=field.name, reason="not_fetched", providers=field.providers) for field in TRACKED
)
ANSWER_BYTES: dict[ProviderName, int] = {"tmdb": 1_785, "omdb": 1_398, "fanart": 401}
ANSWERS_KEPT = 3
SNAPSHOT_BYTES = 5_200
UNDER_WAY = 1_024
"""Messages that are not acknowledged yet while the stream is filled."""
READS = 2_000
ROUNDS = 3
APPENDS = 1_000
AT_ONCE = 32
REST_SECONDS = 300
"""The server keeps what it has read for a while."""
PATIENCE_SECONDS = 120


async def main(stages: list[int]) -> None:
    """Fill the stream stage by stage, and measure in each."""
    with tempfile.TemporaryDirectory(prefix="metarr-bench-") as folder:
        nats = EmbeddedNats(Path(folder))
        films = 0
        for wanted in stages:
            await fill(nats, told(films + 1, wanted))
            films = wanted
            print(f"\n{films:,} films, {3 * films:,} subjects, {taken(Path(folder)) / 2**20:,.0f} MB of files\n")
            await print_figures(nats, films)
    with tempfile.TemporaryDirectory(prefix="metarr-bench-") as folder:
        nats, films = EmbeddedNats(Path(folder)), stages[0]
        await fill(nats, chain(told(1, films), kept(films)))
        print(f"\nAll streams of {films:,} films, {taken(Path(folder)) / 2**20:,.0f} MB of files\n")
        await print_random_reads(nats, films)


async def print_figures(nats: EmbeddedNats, films: int) -> None:
    """Print a table of what the server needs for so many films."""
    print("| what | measured |\n|---|---|")
    await print_start(nats, "start after SIGKILL while it was written to")
    try:
        await nats.stop()
        await print_start(nats, "start after an end in good order")
        await nats.kill()
        await print_start(nats, "start after SIGKILL")
        async with connect(nats.url, "bench") as bus:
            await print_reads(nats, bus, films)
            await print_consumers(nats, bus, films)
            await print_info(nats, bus)
            await print_appends(nats, bus, films)
        await asyncio.sleep(REST_SECONDS)
        line("memory after five minutes without work", f"{memory(nats):,.0f} MB")
    finally:
        await nats.stop()


def line(what: str, told: str) -> None:
    """A line of the table."""
    print(f"| {what} | {told} |", flush=True)


def memory(nats: EmbeddedNats) -> float:
    """What the server has in memory, in MiB."""
    return resident_mb(nats.pid or 0)


# Filling


async def fill(nats: EmbeddedNats, messages: Iterator[Message]) -> None:
    """Store messages, and lose the server in the middle of it."""
    with patch.object(embedded_nats, "configuration", unsynced):
        async with nats:
            await setup(nats.url, demo=True)
            async with connect(nats.url, "bench") as bus:
                began = perf_counter()
                count = await publish(bus, messages)
                print(f"\nfilled at {count / (perf_counter() - began):,.0f} messages/s, then {memory(nats):,.0f} MB")
            await nats.kill()


def told(first: int, last: int) -> Iterator[Message]:
    """What is said of these films when they are imported."""
    for film in range(first, last + 1):
        imdb = f"tt{film:08d}"
        yield event(subjects.claim_event("imdb", imdb), ClaimTaken(kind="imdb", id=imdb, movie_id=film))
        yield event(subjects.claim_event("tmdb", str(film)), ClaimTaken(kind="tmdb", id=str(film), movie_id=film))
        ids = ExternalIds(imdb=imdb, tmdb=film)
        added = MovieAdded(
            movie_id=film, title=f"Film {film}", year=1999, ids=ids, request=f"import/{film}", missing=ALL_MISSING
        )
        yield event(subjects.movie_event(film), added)


def kept(films: int) -> Iterator[Message]:
    """As many answers as their stream keeps, and snapshots, of the size that they have on average."""
    for number, film in product(range(ANSWERS_KEPT), range(1, films + 1)):
        for provider, size in ANSWER_BYTES.items():
            subject = subjects.answer(provider, film)
            yield Message(subject, b"x" * size, headers(subject, f"{subject} {number}", "metarr.provider.answered.v1"))
    for film in range(1, films + 1):
        yield Message(snapshot(film), b"x" * SNAPSHOT_BYTES, {})


def snapshot(film: int) -> str:
    """Where a film's state is kept."""
    return f"$KV.{SNAPSHOTS}.movie.{film}"


def event(subject: str, body: Value) -> Message:
    """An event as the enricher stores it."""
    return Message(subject, body.to_json(), headers(subject, subject, type_of(body)))


def headers(subject: str, unique: str, kind: str) -> dict[str, str]:
    """Those of an event or an answer."""
    return Envelope(
        id=str(uuid5(NAMESPACE_OID, unique)),
        type=kind,
        source="/metarr/enricher",
        time=START,
        subject=subject,
        correlation_id="import",
        causation_id="import/1",
    ).headers()


async def publish(bus: Bus, messages: Iterator[Message]) -> int:
    """Store messages, a window of them under way; how many there were.

    `JetStreamContext.publish` makes a future for each; here one inbox counts what comes back.
    """
    room = asyncio.Semaphore(UNDER_WAY)
    refused: list[bytes] = []
    sent = acknowledged = 0
    done = asyncio.Event()

    async def stored(message: Msg) -> None:
        nonlocal acknowledged
        acknowledged += 1
        if b'"error"' in message.data:
            refused.append(message.data)
        room.release()
        done.set()

    inbox = bus.nc.new_inbox()
    subscription = await bus.nc.subscribe(inbox, cb=stored)
    for message in messages:
        await room.acquire()
        # Without any, nats-py says so by None.
        await bus.nc.publish(message.subject, message.payload, inbox, message.headers or None)
        sent += 1
        assert not refused, refused[0]
    while acknowledged < sent:
        done.clear()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await done.wait()
    await subscription.unsubscribe()
    return sent


# Measuring


async def print_random_reads(nats: EmbeddedNats, films: int) -> None:
    """Print what it takes to read of random films what a refresh reads, again and again."""
    print("| what | measured |\n|---|---|")
    async with nats, connect(nats.url, "bench") as bus:
        for _ in range(ROUNDS):
            await print_reads(nats, bus, films)
            for what, stream, subject in (
                ("snapshot", f"KV_{SNAPSHOTS}", snapshot),
                ("answer of TMDB", ANSWERS, lambda film: subjects.answer("tmdb", film)),
                ("answer of OMDb", ANSWERS, lambda film: subjects.answer("omdb", film)),
            ):
                chosen = random.choices(range(1, films + 1), k=READS)  # noqa: S311
                taken_ms = [await timed(bus.last_message(stream, subject(film))) for film in chosen]
                line(what, f"{shown(taken_ms)}, then {memory(nats):,.0f} MB")
        await print_appends(nats, bus, films)


async def print_start(nats: EmbeddedNats, what: str) -> None:
    """Start the server and print when it answers for the stream."""
    began = perf_counter()
    await nats.start()
    async with connect(nats.url, "bench") as bus:
        while True:
            with contextlib.suppress(Exception):
                await bus.api(f"STREAM.INFO.{EVENTS}")
                break
    took = perf_counter() - began
    line(what, f"{took:.1f} s, {processor_seconds(nats.pid or 0):.1f} s of processor, {memory(nats):,.0f} MB")


async def print_reads(nats: EmbeddedNats, bus: Bus, films: int) -> None:
    """The last message of a film, as each decision begins; of films at random, one after the other."""
    for what, subject in (("film", subjects.movie_event), ("id", lambda film: subjects.claim_event("tmdb", str(film)))):
        chosen = random.choices(range(1, films + 1), k=READS)  # noqa: S311
        taken_ms = [await timed(bus.last_message(EVENTS, subject(film))) for film in chosen]
        line(f"last event of a {what}", f"{shown(taken_ms)}, then {memory(nats):,.0f} MB")


async def print_appends(nats: EmbeddedNats, bus: Bus, films: int) -> None:
    """Events with their expected version to films at random: one after the other, and many side by side."""
    store = EventStore(bus, "enricher")
    chosen = iter(random.sample(range(1, films + 1), 2 * APPENDS))

    async def append(film: int) -> float:
        subject = subjects.movie_event(film)
        last = await bus.last_message(EVENTS, subject)
        assert last is not None
        event = NewEvent(str(uuid5(NAMESPACE_OID, f"{subject} {last.seq}")), CancelRequested(job_id=1), START)
        return await timed(store.append(subject, event, last.seq))

    line("append", shown([await append(next(chosen)) for _ in range(APPENDS)]))
    began = perf_counter()

    async def lane() -> list[float]:
        return [await append(film) for _, film in zip(range(APPENDS // AT_ONCE), chosen, strict=False)]

    lanes = await asyncio.gather(*(lane() for _ in range(AT_ONCE)))
    count = sum(map(len, lanes))
    per_second = count / (perf_counter() - began)
    line(
        f"read and append, {AT_ONCE} side by side",
        f"{per_second:,.0f}/s; append {shown(list(chain.from_iterable(lanes)))}",
    )
    line("memory then", f"{memory(nats):,.0f} MB")


async def print_consumers(nats: EmbeddedNats, bus: Bus, films: int) -> None:
    """What a projector, a gateway and a run begin with."""

    async def ignored(_: Msg) -> None:
        """Only when it begins is of interest."""

    last = (await bus.stream_state(EVENTS)).last_seq
    begins: dict[str, tuple[str, ConsumerConfig]] = {
        "all from the end (projector)": (subjects.EVENTS, ConsumerConfig(opt_start_seq=last + 1)),
        "all films from now (run)": (subjects.MOVIE_EVENTS, ConsumerConfig(deliver_policy=DeliverPolicy.NEW)),
        "one film from its first event": (subjects.movie_event(films // 2), ConsumerConfig()),
    }
    for what, (subject, config) in begins.items():
        if config.opt_start_seq:
            config.deliver_policy = DeliverPolicy.BY_START_SEQUENCE
        taken_ms = [await timed(begun(bus, subject, ignored, config)) for _ in range(10)]
        line(f"consumer: {what}", shown(taken_ms))
    used = processor_seconds(nats.pid or 0)
    took = await timed(census(bus))
    used = processor_seconds(nats.pid or 0) - used
    line("census: the last event of each film", f"{took / 1000:.1f} s, {used:.1f} s of the server's processor")
    line("memory then", f"{memory(nats):,.0f} MB")


async def begun(bus: Bus, subject: str, heard: Callable[[Msg], Awaitable[None]], config: ConsumerConfig) -> None:
    """Make a consumer and remove it."""
    async with following(bus, subject, heard, config):
        pass


async def print_info(nats: EmbeddedNats, bus: Bus) -> None:
    """What the stream says of itself, and of its subjects page by page."""
    line("STREAM.INFO", shown([await timed(bus.api(f"STREAM.INFO.{EVENTS}")) for _ in range(100)]))
    one = json.dumps({"subjects_filter": subjects.movie_event(1)}).encode()
    line("STREAM.INFO, one film", shown([await timed(bus.api(f"STREAM.INFO.{EVENTS}", one)) for _ in range(100)]))
    pages: list[float] = []
    offset = total = 0
    while offset == 0 or offset < total:
        wanted = json.dumps({"subjects_filter": subjects.MOVIE_EVENTS, "offset": offset}).encode()
        began = perf_counter()
        reply = json.loads((await bus.nc.request(f"$JS.API.STREAM.INFO.{EVENTS}", wanted, PATIENCE_SECONDS)).data)
        pages.append(1000 * (perf_counter() - began))
        offset, total = offset + reply["limit"], reply["total"]
    line("STREAM.INFO, a page of 100,000 films", f"{len(pages)} pages, {shown(pages)}, then {memory(nats):,.0f} MB")


async def timed(work: Awaitable[Any]) -> float:
    """Milliseconds that it takes."""
    began = perf_counter()
    await work
    return 1000 * (perf_counter() - began)


def shown(taken_ms: list[float]) -> str:
    """Median and the slow end."""
    return f"{percentile(taken_ms, 0.5):.2f} ms (p50), {percentile(taken_ms, 0.99):.2f} ms (p99)"


if __name__ == "__main__":
    asyncio.run(main([int(told) for told in sys.argv[1:]] or [100_000, 300_000, 1_000_000]))
