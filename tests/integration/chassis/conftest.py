"""A bus that is set up, and a service in a process of its own."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats.errors
import nats.js.errors
import pytest

from metarr_chassis.bus import Bus, connect
from metarr_chassis.event_store import NewEvent
from metarr_chassis.topology import setup
from metarr_contracts.events import CancelRequested
from metarr_local.child import Command, end, spawn

PATIENCE = 120
SCHEDULER = ("-m", "metarr_scheduler")

Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    """A connection to it."""
    await setup(nats_url, demo=True)
    async with connect(nats_url, "test") as opened:
        yield opened


def fact(name: str, job_id: int = 1) -> NewEvent:
    """A fact of no meaning."""
    return NewEvent(id=name, body=CancelRequested(job_id=job_id), time=datetime.now(UTC))


@pytest.fixture
def lose_acknowledgements(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the bus store the next messages and lose their acknowledgements."""
    publish = bus.js.publish

    def lose(count: int) -> None:
        left = [None] * count

        async def stored_and_lost(*args: Any, **options: Any) -> Any:
            if not left:
                return await publish(*args, **options)
            left.pop()
            with contextlib.suppress(nats.js.errors.APIError):
                await publish(*args, **options)
            raise nats.errors.TimeoutError

        monkeypatch.setattr(bus.js, "publish", stored_and_lost)

    return lose


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


async def says(output: Path, words: str, times: int = 1) -> None:
    """Wait until the process has said so, as often."""
    async with asyncio.timeout(PATIENCE):
        while output.read_text().count(words) < times:
            await asyncio.sleep(0.02)
