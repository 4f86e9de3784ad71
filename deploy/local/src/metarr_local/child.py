"""A child process that has its own session, dies with us, and can be stopped with patience or at once."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class Identity:
    """The user and group that a process runs as."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Command:
    """A program and what it needs: absolute path first, file descriptors to hand on, who to run as.

    `death_signal` is what the kernel sends it when we die (Linux only). Children must be spawned by a thread that lives
    as long as we do, since the kernel means the thread when it says parent.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path | None = None
    identity: Identity | None = None
    death_signal: signal.Signals = signal.SIGKILL
    hand_on: tuple[int, ...] = ()


async def spawn(command: Command, output: int | IO[bytes]) -> asyncio.subprocess.Process:
    """Start the command; both its outputs go to `output` (an open file or `asyncio.subprocess.PIPE`)."""
    user = command.identity or Identity(-1, -1)
    how = (os.getpid(), int(command.death_signal), user.uid, user.gid)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-IS",
        str(LAUNCH),
        *map(str, how),
        *command.arguments,
        env=dict(command.environment),
        cwd=command.folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        pass_fds=command.hand_on,
    )


async def run_to_end(command: Command, log: Path) -> int:
    """Run the command with its output in `log` and return its exit code; it is killed when we are cancelled."""
    with log.open("wb") as output:
        process = await spawn(command, output)
    try:
        return await process.wait()
    except asyncio.CancelledError:
        await end(process, signal.SIGKILL, 1)
        raise


async def end(process: asyncio.subprocess.Process, first: signal.Signals, patience: float) -> int:
    """Send `first`, wait up to `patience` seconds, then kill; return the exit code."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(first)
    try:
        async with asyncio.timeout(patience):
            return await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return await process.wait()
