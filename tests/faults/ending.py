"""Ends services in good order, and reads what they log."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import asyncpg
from nats.aio.msg import Msg
from tests.e2e.client import END_SECONDS
from tests.e2e.system import System
from tests.integration.projector.scenes import Rows

from metarr_chassis.bus import Bus
from metarr_contracts import streams, subjects

ENDING_SECONDS = 60.0
"""A container is given ten. A machine that has much else to do may need longer for the same."""
AGAIN_SECONDS = 0.03


async def terminate(system: System, name: str) -> float:
    """SIGTERM a process, again and again until it has ended, and well; the seconds."""
    process, began = system.processes.pop(name), time.monotonic()
    ending = asyncio.create_task(process.wait())
    while not ending.done():
        with contextlib.suppress(ProcessLookupError):
            # Not by the process object: it would ask whether the process has ended, and keep its exit code from us.
            os.kill(process.pid, signal.SIGTERM)
        await asyncio.wait({ending}, timeout=AGAIN_SECONDS)
        assert time.monotonic() - began < ENDING_SECONDS, f"{name} does not end: {system.log(name)[-2000:]}"
    assert ending.result() == 0, f"{name} ended with {ending.result()}: {system.log(name)[-2000:]}"
    assert "Traceback" not in system.log(name)
    return time.monotonic() - began


def said(system: System, name: str, event: str) -> Iterator[dict[str, Any]]:
    """The lines of a process's log with this event."""
    for line in system.log(name).splitlines():
        with contextlib.suppress(ValueError):
            told = json.loads(line)
            if isinstance(told, dict) and told.get("event") == event:
                yield told


def moment(line: dict[str, Any]) -> float:
    """When a line was logged, in seconds since the epoch."""
    return datetime.fromisoformat(line["timestamp"]).timestamp()


@contextlib.asynccontextmanager
async def hand_backs(bus: Bus) -> Any:
    """Collect what is handed back to the command queue while the context is open: (job, by which delivery)."""
    seen: list[tuple[int, int]] = []

    async def handed_back(message: Msg) -> None:
        told = json.loads(message.data)
        seen.append((told["stream_seq"], told["deliveries"]))

    await bus.listen(f"$JS.EVENT.ADVISORY.CONSUMER.MSG_NAKED.{streams.COMMANDS}.>", handed_back)
    yield seen


async def answers_stored(bus: Bus) -> dict[str, int]:
    """How many answers are stored by subject."""
    info = await bus.api(f"STREAM.INFO.{streams.ANSWERS}", json.dumps({"subjects_filter": subjects.ANSWERS}).encode())
    return dict(info["state"].get("subjects") or {})


async def until_asked(system: System, count: int) -> None:
    """Wait until the slowest provider was asked about so many films more; they are at work then, and some are done."""
    before = await _asked(system)
    async with asyncio.timeout(END_SECONDS):
        while await _asked(system) < before + count:
            await asyncio.sleep(0.02)


async def _asked(system: System) -> int:
    return min(sum(counts.values()) for counts in (await system.asked()).values())


async def idle(bus: Bus) -> None:
    """Wait until the command queue is empty."""
    async with asyncio.timeout(END_SECONDS):
        while int((await bus.api(f"STREAM.INFO.{streams.COMMANDS}"))["state"]["messages"]):
            await asyncio.sleep(0.05)


async def assert_rows_equal_a_rebuild(system: System, bus: Bus) -> None:
    """The read models are those that the events make."""
    connection = await asyncpg.connect(system.postgres.url)
    try:
        rows = Rows(connection)
        await rows.reach((await bus.stream_state(streams.EVENTS)).last_seq)
        before = await rows.dump()
        await bus.request(subjects.REBUILD, timeout=END_SECONDS)
        assert await rows.dump() == before
    finally:
        await connection.close()
