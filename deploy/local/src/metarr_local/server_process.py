"""An embedded server as a child process: its log file, its start until it answers, its end."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from metarr_local.child import Command, end, spawn
from metarr_local.errors import ServerFailedError
from metarr_local.waiting import comes_true

START_SECONDS = 60.0
STOP_SECONDS = 30.0
TAIL_BYTES = 2_000


class ServerProcess:
    """At most one run of a server at a time; `log` holds the output of the last run."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id while the server runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self, command: Command, answers: Callable[[], Awaitable[bool]]) -> None:
        """Start and wait until `answers()`; raise ServerFailedError when it ends before or takes too long."""
        with self._log.open("wb") as output:
            self._process = await spawn(command, output)
        try:
            in_time = await comes_true(lambda: self._ended_or(answers), START_SECONDS)
        except BaseException:
            await self.kill()
            raise
        if self.pid is None:
            raise self._failed("ended while it started")
        if not in_time:
            await self.kill()
            raise self._failed(f"did not answer within {START_SECONDS:.0f} seconds")

    async def wait(self) -> int:
        """Wait until the server ends; return its exit code."""
        return await self._process.wait() if self._process else 0

    async def stop(self, how: signal.Signals) -> None:
        """Ask it to end and wait; nothing happens when it does not run."""
        if self._process and self.pid:
            await end(self._process, how, STOP_SECONDS)

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._process and self.pid:
            await end(self._process, signal.SIGKILL, STOP_SECONDS)

    async def _ended_or(self, answers: Callable[[], Awaitable[bool]]) -> bool:
        return self.pid is None or await answers()

    def _failed(self, what: str) -> ServerFailedError:
        return ServerFailedError(self.name, what, tail(self._log))


def tail(log: Path) -> str:
    """Return the end of a log file."""
    return log.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()
