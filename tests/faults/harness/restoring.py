"""A backup that is taken in the middle of the work, and restored later in the place of all that came after it."""

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.harness.world import World

from metarr_chassis.bus import Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import streams
from metarr_local.child import Command, run_to_end

RESTORE_SECONDS = 300.0
"""The longest that a restore is tried: who was just killed may be waited for by NATS for a few seconds."""
TRANSIENT = ("at work", "JetStream did not answer", "No NATS server answers", "The connection to NATS was lost")
"""What is said where it is worth another try: somebody is still there, or does not answer in time."""


@dataclass(frozen=True)
class Taken:
    """A backup: where it is, the last job id that was surely in it, and when it was begun, in seconds since 1970."""

    folder: Path
    last_job: int
    at: float


async def take(world: World, bus: Bus, name: str) -> Taken | str:
    """Take a backup while everything is at work; why there is none, where NATS is away."""
    try:
        last_job, at = (await bus.stream_state(streams.COMMANDS)).last_seq, time.time()
    except BusUnavailableError as error:
        return str(error)
    folder = world.folder / name
    said = await _metarr(world, "backup", str(folder))
    return Taken(folder, last_job, at) if said is None else said


async def restore(world: World, taken: Taken) -> None:
    """Stop all services, put the backup in the place of what is there, and start them again."""
    away = set(world.ended_by_us)
    await world.end_services()
    async with asyncio.timeout(RESTORE_SECONDS):
        while (said := await _metarr(world, "restore", str(taken.folder), "--replace")) is not None:
            assert any(words in said for words in TRANSIENT), said
            await asyncio.sleep(1)
    await asyncio.gather(*(world.begin(name) for name in world.replicas if name not in away))


async def _metarr(world: World, *arguments: str) -> str | None:
    """Carry out a command of `metarr`; what it said, where it failed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("METARR_")}
    environment |= {"METARR_NATS_URL": world.nats.url, "METARR_SANDBOX_URL": world.sandbox_url}
    log = world.folder / f"{arguments[0]}.log"
    command = Command((sys.executable, "-m", "metarr_local.cli", *arguments), environment)
    return None if await run_to_end(command, log) == 0 else log.read_text()
