"""A service or the sandbox as a child process: its lines go to the console, its start ends when it is ready."""

import asyncio
import math
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping

import aiohttp

from metarr_local.child import Command, end, spawn
from metarr_local.errors import EndedEarlyError
from metarr_local.waiting import comes_true

STOP_SECONDS = 10.0
PROBE = aiohttp.ClientTimeout(total=2)
LONGEST_LINE = 1 << 20


class ServiceProcess:
    """`python -m module arguments`; at most one run at a time."""

    def __init__(
        self,
        name: str,
        module: tuple[str, ...],
        environment: Mapping[str, str],
        ready: Callable[[], Awaitable[bool]],
        show: Callable[[str], None],
    ) -> None:
        self.name = name
        self._command = Command((sys.executable, "-m", *module), environment)
        self._ready = ready
        self._show = show
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start it and wait until it is ready, however long that takes; raise EndedEarlyError when it ends before."""
        self._process = await spawn(self._command, asyncio.subprocess.PIPE)
        if self._process.stdout:
            self._pump = asyncio.create_task(pump(self._process.stdout, self._show))
        await comes_true(self._ended_or_ready, math.inf)
        if self.pid is None:
            raise EndedEarlyError(self.name, await self.wait())

    async def wait(self) -> int:
        """Wait until it ends and its last line is shown; return its exit code."""
        if not self._process:
            return 0
        code = await self._process.wait()
        if self._pump:
            await asyncio.wait((self._pump,), timeout=1)
        return code

    async def stop(self) -> None:
        """Ask it to end, wait, kill it when it takes too long."""
        if self._process and self.pid:
            await end(self._process, signal.SIGTERM, STOP_SECONDS)
        if self._pump:
            await asyncio.wait((self._pump,), timeout=1)

    async def kill(self) -> None:
        """End it at once."""
        if self._process and self.pid:
            await end(self._process, signal.SIGKILL, STOP_SECONDS)

    async def _ended_or_ready(self) -> bool:
        return self.pid is None or await self._ready()


async def pump(stream: asyncio.StreamReader, show: Callable[[str], None]) -> None:
    """Show each line of the stream; a line without end is shown in pieces."""
    rest = b""
    while chunk := await stream.read(1 << 16):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        for line in lines:
            show(line.decode(errors="replace").rstrip("\r"))
    if rest:
        show(rest.decode(errors="replace"))


async def says_ready(url: str) -> bool:
    """Tell whether a GET of `url` is answered with 200."""
    try:
        async with aiohttp.ClientSession(timeout=PROBE) as client, client.get(url) as answer:
            return answer.status == 200  # noqa: PLR2004 - OK
    except (aiohttp.ClientError, TimeoutError):
        return False


async def listens(host: str, port: int) -> bool:
    """Tell whether somebody accepts connections there."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
