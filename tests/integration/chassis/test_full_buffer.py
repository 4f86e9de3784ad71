"""A server that reads nothing any more: who sends to it and is told to end, or runs out of time, does."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from metarr_chassis.background import cancel
from metarr_chassis.bus import Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_local.embedded_nats import EmbeddedNats

FILLING = b"x" * 2**20
"""The client holds two of these back, the system some more; then who sends waits."""
MOST_PENDING = 2 * 2**20
PATIENCE_SECONDS = 60


@pytest.fixture
def stuck(nats_server: EmbeddedNats, bus: Bus) -> Iterator[Bus]:
    """A connection to a server that hangs."""
    assert nats_server.pid is not None
    os.kill(nats_server.pid, signal.SIGSTOP)
    yield bus
    os.kill(nats_server.pid, signal.SIGCONT)


async def _send(bus: Bus) -> None:
    while True:
        await bus.nc.publish("metarr.live.test", FILLING)


async def _fill(bus: Bus) -> list[asyncio.Task[None]]:
    """Some who send and wait: what the first have sent waits in the system and in asyncio, the rest in the client."""
    tasks: list[asyncio.Task[None]] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while bus.nc.pending_data_size <= MOST_PENDING:
            tasks.append(asyncio.create_task(_send(bus)))
            await asyncio.sleep(0.01)
    return tasks


async def test_who_sends_is_told_to_end(stuck: Bus) -> None:
    """Once is enough: nobody sends on."""
    tasks = await _fill(stuck)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=PATIENCE_SECONDS)
    assert all(task.cancelled() for task in tasks)


async def test_who_sends_runs_out_of_time(stuck: Bus) -> None:
    """What limits the time that it may take ends it."""
    tasks = await _fill(stuck)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await _send(stuck)
    await cancel(*tasks)


async def test_who_asks_does_not_wait_longer_than_it_said(stuck: Bus) -> None:
    """Also while the question cannot be sent."""
    tasks = await _fill(stuck)
    asking = asyncio.create_task(stuck.request("metarr.lib.test", timeout=0.05))
    done, _ = await asyncio.wait([asking], timeout=PATIENCE_SECONDS)
    assert done
    with pytest.raises(BusUnavailableError):
        await asking
    await cancel(*tasks)
