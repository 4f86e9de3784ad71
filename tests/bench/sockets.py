"""Row 10: one event to many WebSocket clients of one gateway process, against aiohttp alone with as many.

Both servers are processes of their own and send the same bytes to the same kind of clients, which are in this process:
see `socket_clients.py`. Of the gateway it is timed from the publishing of the note on NATS until the last client has
it, of the bare server from the moment that one of its clients sends what it then sends to all. All clients of the
gateway have subscribed to all films.
"""

import asyncio
import contextlib
import itertools
import os
import resource
import signal
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

import nats
from nats.aio.client import Client
from tests.bench.figures import Figure, at_most
from tests.bench.processes import processor_seconds, resident_mb
from tests.bench.rounds import Size, alternating
from tests.bench.socket_clients import SocketClients
from tests.e2e.system import System

from metarr_chassis.topology import setup
from metarr_contracts import subjects
from metarr_contracts.websocket import EnrichmentComplete, Subscribe, Subscribed
from metarr_local.child import Command, end, spawn

ROW = 10
GOAL = at_most(1.5)
EVENTS = 30
"""Of each server in a round, by turns; the middle one counts."""
SPARE_FILES = 200
KB_PER_MB = 1024
HELLO = Subscribe(type="subscribe", channel="movie:enrichment").model_dump_json(by_alias=True).encode()
WELCOME = Subscribed(channel="movie:enrichment").to_json()


@dataclass
class Server:
    """A server process with its clients; `nc` is where the gateway is told what to send."""

    pid: int
    clients: SocketClients
    nc: Client | None = None

    @property
    def kb(self) -> float:
        """Its resident memory."""
        return resident_mb(self.pid) * KB_PER_MB

    async def send(self, text: bytes, number: int) -> None:
        """Have it send this to all its clients."""
        if self.nc is None:
            self.clients.say(text)
        else:
            await self.nc.publish(subjects.live_movie(number), text)
            await self.nc.flush()

    async def event(self, number: int) -> float:
        """Seconds from the sending of one message until the last client has it."""
        text = note(number)
        self.clients.rest()
        began = perf_counter()
        await self.send(text, number)
        self.clients.await_message(text)
        return perf_counter() - began


@dataclass(frozen=True)
class Round:
    """Of one server: milliseconds to the last client, and microseconds of its own processor time for each."""

    ms: float
    work: float


async def measure(size: Size) -> AsyncIterator[Figure]:
    """Row 10."""
    room = _room_for_clients()
    counts = (min(size.of(1_000, 10), room // 2), min(size.of(5_000, 50), room))
    numbers = itertools.count(1)
    memory = []
    async with _gateway() as gateway, _bare() as bare:
        for count in counts:
            gateway.clients.connect(count, HELLO, WELCOME)
            bare.clients.connect(count)
            memory.append((gateway.kb, bare.kb))
            rounds = [await _round(gateway, bare, numbers) for _ in range(size.rounds)]
            ours, rivals = zip(*rounds, strict=True)
            yield Figure(
                ROW,
                f"one event to {count:,} WebSocket clients, until the last has it",
                "ms",
                tuple(one.ms for one in ours),
                "bare aiohttp server",
                tuple(one.ms for one in rivals),
                GOAL,
                f"processor time a client {_work(ours)}, bare {_work(rivals)}",
            )
    more = counts[1] - counts[0]
    each, rivals_each = ((then - before) / more for before, then in zip(*memory, strict=True))
    yield Figure(ROW, "memory of an idle WebSocket client", "kB", (each,), "bare aiohttp server", (rivals_each,))


async def _round(gateway: Server, bare: Server, numbers: Iterator[int]) -> tuple[Round, ...]:
    servers = (gateway, bare)
    used = [processor_seconds(server.pid) for server in servers]
    # By turns within a round too: what the machine does else is alike for both.
    times = await alternating(EVENTS, *(partial(_next_event, server, numbers) for server in servers))
    work = [processor_seconds(server.pid) - before for server, before in zip(servers, used, strict=True)]
    return tuple(
        Round(1_000 * statistics.median(took), 1_000_000 * seconds / EVENTS / len(server.clients))
        for server, took, seconds in zip(servers, times, work, strict=True)
    )


async def _next_event(server: Server, numbers: Iterator[int]) -> float:
    return await server.event(next(numbers))


def _work(rounds: Sequence[Round]) -> str:
    return f"{statistics.median(one.work for one in rounds):.1f} µs"


def note(number: int) -> bytes:
    """The end of a film's job, each of another film."""
    return EnrichmentComplete(
        movie_id=number, job_id=number, seq=number, completeness=92, partial=True, rate_limited_providers=("omdb",)
    ).to_json()


def _room_for_clients() -> int:
    """How many clients each of two servers may have; raises the soft limit of files, for our children too."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return (most - SPARE_FILES) // 2


@contextlib.asynccontextmanager
async def _gateway() -> AsyncIterator[Server]:
    """A gateway by itself: none of the other services has a part in this."""
    with tempfile.TemporaryDirectory(prefix="metarr-sockets-") as folder:
        system = System(Path(folder), demo=False)
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(system.nats)
            await setup(system.nats.url, demo=False)
            stack.push_async_callback(system.stop, "gateway")
            await system.start("gateway")
            nc = await nats.connect(system.nats.url)
            stack.push_async_callback(nc.close)
            clients = stack.enter_context(contextlib.closing(SocketClients(system.ports["gateway"])))
            yield Server(system.processes["gateway"].pid, clients, nc)


@contextlib.asynccontextmanager
async def _bare() -> AsyncIterator[Server]:
    """The rival."""
    command = Command((sys.executable, "-m", "tests.bench.bare_broadcast"), os.environ)
    process = await spawn(command, asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        with contextlib.closing(SocketClients(int(await process.stdout.readline()))) as clients:
            yield Server(process.pid, clients)
    finally:
        await end(process, signal.SIGTERM, 10)
