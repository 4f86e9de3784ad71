"""The life of a service process: it waits for the bus, says when it is ready, and ends when it is told to."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from metarr_chassis.topology import setup
from metarr_local.child import Command, end, spawn
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.ports import free_port

PATIENCE = 30
SCHEDULER = ("-m", "metarr_scheduler")
PROMPT = 6
"""Seconds; a service that works may take longer to end, since it finishes what it has begun."""
DEAF = """
import asyncio, contextlib, logging, sys
from metarr_chassis.service import run_service
from metarr_chassis.settings import ServiceSettings, load_settings


@contextlib.asynccontextmanager
async def start(context):
    print("starting", flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    try:
        raise asyncio.InvalidStateError("invalid state")
    except asyncio.InvalidStateError as error:
        logging.getLogger("nats.aio.client").error("nats: encountered error", exc_info=error)
    if sys.argv[1] == "for good":
        await asyncio.Event().wait()
    yield
    print("closed", flush=True)


run_service("deaf", load_settings(ServiceSettings), start)
"""
"""A service that loses the first cancellation while it starts, like `asyncio.wait_for` of Python 3.11."""
THOROUGH = """
import asyncio, contextlib
from metarr_chassis.background import CANCEL_SECONDS
from metarr_chassis.service import run_service
from metarr_chassis.settings import ServiceSettings, load_settings


@contextlib.asynccontextmanager
async def start(context):
    try:
        yield
    finally:
        await asyncio.sleep(3 * CANCEL_SECONDS)
        print("finished", flush=True)


run_service("thorough", load_settings(ServiceSettings), start)
"""
"""A service that takes longer to end than it takes until a cancellation is repeated."""
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """What the process says."""
    return tmp_path / "service.log"


@pytest.fixture
async def start(output: Path) -> AsyncIterator[Start]:
    """Starts a scheduler, the smallest of our services, or another program."""
    started: list[asyncio.subprocess.Process] = []

    async def spawn_one(*program: str, **settings: str) -> asyncio.subprocess.Process:
        environment = os.environ | {f"METARR_{name.upper()}": value for name, value in settings.items()}
        with output.open("wb") as log:
            process = await spawn(Command((sys.executable, *(program or SCHEDULER)), environment), log)
        started.append(process)
        return process

    yield spawn_one
    for process in started:
        await end(process, signal.SIGKILL, patience=1)


async def says(output: Path, words: str) -> None:
    """Wait until the process has said so."""
    async with asyncio.timeout(PATIENCE):
        while words not in output.read_text():
            await asyncio.sleep(0.02)


async def test_it_ends_well_when_it_is_told_to(nats_url: str, start: Start, output: Path) -> None:
    """SIGTERM and SIGINT alike, exit code 0."""
    await setup(nats_url, demo=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        process = await start(nats_url=nats_url)
        await says(output, "ready")
        assert await end(process, number, patience=PATIENCE) == 0


async def test_it_ends_while_it_waits_for_the_bus(start: Start, output: Path) -> None:
    """A bus that never comes keeps nobody from ending it."""
    process = await start(nats_url=f"nats://127.0.0.1:{free_port()}")
    await says(output, "bus error")
    assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0


@pytest.mark.parametrize("deaf", ["once", "for good"])
async def test_a_stop_while_it_starts_is_prompt(nats_url: str, start: Start, output: Path, deaf: str) -> None:
    """A cancellation that is lost is repeated; it does not say that it is ready, nor what the ending does to NATS."""
    await setup(nats_url, demo=False)
    process = await start("-c", DEAF, deaf, nats_url=nats_url)
    await says(output, "starting")
    assert await end(process, signal.SIGTERM, patience=PROMPT) == 0
    said = output.read_text()
    assert "stopping" in said
    assert "ready" not in said
    assert "InvalidStateError" not in said


async def test_what_runs_is_finished_undisturbed(nats_url: str, start: Start, output: Path) -> None:
    """Once a service works its end is not hurried by further cancellations."""
    await setup(nats_url, demo=False)
    process = await start("-c", THOROUGH, nats_url=nats_url)
    await says(output, "ready")
    assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0
    assert "finished" in output.read_text()


async def test_it_waits_for_the_bus(nats_server: EmbeddedNats, start: Start, output: Path) -> None:
    """Services and servers may start in any order; /healthz and /readyz tell which is which."""
    await setup(nats_server.url, demo=False)
    await nats_server.stop()
    port = free_port()
    await start(nats_url=nats_server.url, health_port=str(port))
    await says(output, "bus error")
    async with aiohttp.ClientSession(base_url=f"http://127.0.0.1:{port}") as http:
        async with http.get("/healthz") as healthy:
            assert healthy.status == 200
        async with http.get("/readyz") as ready:
            assert (ready.status, await ready.json()) == (
                503,
                {"status": "not ready", "problems": {"service": "starting"}},
            )
        await nats_server.start()
        await says(output, "ready")
        async with http.get("/readyz") as ready:
            assert ready.status == 200


@pytest.mark.parametrize(
    ("demo", "settings", "words"),
    [
        (None, {}, "METARR_COMMANDS does not exist; run: metarr setup"),
        (True, {}, "this store holds demo data"),
        (False, {"sandbox_url": "http://127.0.0.1:1"}, "this store holds a real library"),
        (False, {"schedule": "daily"}, "METARR_SCHEDULE: "),
    ],
)
async def test_it_does_not_start_where_it_must_not(
    nats_url: str, start: Start, output: Path, *, demo: bool | None, settings: dict[str, str], words: str
) -> None:
    """Exit code 2, by which it is not started again, and why."""
    if demo is not None:
        await setup(nats_url, demo=demo)
    process = await start(nats_url=nats_url, **settings)
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 2
    assert words in output.read_text()
    assert "Traceback" not in output.read_text()
