"""Row 12: what the four services take: resident memory at three stages, and the time from their start until ready.

One system serves for all of it. Empty; then with a large library whose events the projector has just folded; then, in
each round, the four processes are started again, all at the same moment, timed until the last of them is ready, and
put to full work: a run over the library whose providers have no limit, while clients ask the API and follow by
WebSockets, of which the greatest moment of the four together counts. Last, `metarr run` is started on a folder that
it has made before: two servers, the sandbox, the setup and the services, until it says that all is ready.
"""

import asyncio
import contextlib
import itertools
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
from tests.bench.figures import Figure, at_most
from tests.bench.filled import fill
from tests.bench.processes import resident_mb
from tests.bench.rounds import Size
from tests.e2e.client import Api, Frame, Socket
from tests.e2e.system import PATHS, SERVICES, System, running

from metarr_chassis.background import running as in_background
from metarr_local.child import Command, end, spawn
from metarr_local.ports import free_port

ROW = 12
MEMORY = at_most(450)
READY = at_most(5)
FILMS = 100_000
RUN_FILMS = 400
"""After which a run is cancelled: what it needs for the whole library is there from its beginning."""
ASKING = 8
"""Clients of the API that ask one question after the other while a run goes on."""
SOCKETS = 100
ASKED = ("/api/movies/enrichment/stats", "/api/movies?limit=50", "/api/movies/1", "/api/movies/1/enrichment-status")
UNLIMITED = "1000000"
LOOK_SECONDS = 0.1
PATIENCE = 120.0
READY_LINE = b"Metarr is ready"

Memory = Mapping[str, float]
"""MiB by service."""


@dataclass
class Peak:
    """The moment at which the four together had most."""

    memory: Memory = field(default_factory=dict)

    async def follow(self, system: System) -> None:
        """Look again and again, until cancelled."""
        while True:
            self.memory = max(self.memory, memory_of(system), key=_together)
            await asyncio.sleep(LOOK_SECONDS)


async def measure(size: Size) -> AsyncIterator[Figure]:
    """Row 12."""
    films, run_films = size.of(FILMS, 200), size.of(RUN_FILMS, 20)
    starts, works = list[float](), list[Memory]()
    rates: dict[str, Any] = {f"METARR_{provider.upper()}_RATE": UNLIMITED for provider in PATHS}
    async with running(**rates) as system:
        yield _memory("idle, no films", [memory_of(system)])
        await fill(system, films)
        yield _memory(f"{films:,} films, just projected", [memory_of(system)])
        for _ in range(size.rounds):
            starts.append(await _started_again(system))
            works.append(await _at_work(system, run_films))
    stage = f"a run, {ASKING} clients ask, {SOCKETS} WebSockets"
    yield _memory(f"{films:,} films, {stage}", works)
    yield Figure(ROW, f"the four services, {films:,} films: start to ready", "s", tuple(starts), goal=READY)
    yield Figure(ROW, "`metarr run` on an existing folder: start to ready", "s", await _runs(size.rounds), goal=READY)


def memory_of(system: System) -> Memory:
    """Of the four services."""
    return {name: resident_mb(system.processes[name].pid) for name in SERVICES}


def _together(memory: Memory) -> float:
    return sum(memory.values())


def _memory(stage: str, rounds: Sequence[Memory]) -> Figure:
    greatest = max(rounds, key=_together)
    parts = ", ".join(f"{name} {mb:.0f}" for name, mb in greatest.items())
    return Figure(ROW, f"resident memory, {stage}", "MB", tuple(map(_together, rounds)), goal=MEMORY, note=parts)


async def _started_again(system: System) -> float:
    """Seconds until all four are ready."""
    await asyncio.gather(*map(system.stop, SERVICES))
    began = perf_counter()
    await asyncio.gather(*map(system.start, SERVICES))
    return perf_counter() - began


async def _at_work(system: System, films: int) -> Memory:
    """The greatest memory during the first films of a run that asks every provider about every film."""
    peak = Peak()
    async with contextlib.AsyncExitStack() as stack:
        # Sockets stay open, so that they need a connection each.
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        api = Api(session, system.url, patient=True)
        for _ in range(SOCKETS):
            await stack.enter_async_context(in_background(_listen(await stack.enter_async_context(api.socket()))))
        for number in range(ASKING):
            await stack.enter_async_context(in_background(_ask(api, number)))
        await stack.enter_async_context(in_background(peak.follow(system)))
        frames = await stack.enter_async_context(api.run_frames())
        run = await api.start_run(force=True)
        await frames.until(lambda: any(_processed(frame) >= films for frame in frames.of(run)), PATIENCE)
        await api.post(f"/api/jobs/{run}/cancel")
        await frames.until_end(run, PATIENCE)
    return peak.memory


def _processed(frame: Frame) -> int:
    stats: Mapping[str, int] = frame.get("stats", {})
    return stats.get("processed", 0)


async def _listen(socket: Socket) -> None:
    async for _ in socket.socket:
        pass


async def _ask(api: Api, number: int) -> None:
    for path in itertools.cycle(ASKED[number % len(ASKED) :] + ASKED[: number % len(ASKED)]):
        answer = await api.get(path)
        assert answer.status == HTTPStatus.OK, answer


async def _runs(rounds: int) -> tuple[float, ...]:
    """Seconds that `metarr run` takes on a folder that it has made before."""
    with tempfile.TemporaryDirectory(prefix="metarr-footprint-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        ports = {f"METARR_{name}_PORT": str(free_port()) for name in ("HTTP", "NATS", "POSTGRES", "SANDBOX")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("METARR_")}
        arguments = (sys.executable, "-m", "metarr_local.cli", "run", "--data", folder)
        command = Command(arguments, {**kept, **ports})
        await _run(command)
        return tuple([await _run(command) for _ in range(rounds)])


async def _run(command: Command) -> float:
    began = perf_counter()
    process = await spawn(command, asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            async for line in process.stdout:
                if line.startswith(READY_LINE):
                    return perf_counter() - began
        raise AssertionError("`metarr run` ended before it was ready")
    finally:
        await end(process, signal.SIGTERM, 30)
