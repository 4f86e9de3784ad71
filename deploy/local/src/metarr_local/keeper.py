"""Keeps processes running: starts them, starts them again when they end, ends them in good order."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from metarr_chassis.background import cancel
from metarr_local.errors import EndedEarlyError, LocalError, RefusedSettingsError
from metarr_local.restart import GiveUp, Life, after_end, how_it_ended

PATIENCE_SECONDS = 15.0


class Kept(Protocol):
    """A process that can be kept running."""

    @property
    def name(self) -> str:
        """What it is called on the console."""

    async def start(self) -> None:
        """Return when it works; raise EndedEarlyError or another LocalError when it does not come to that."""

    async def wait(self) -> int:
        """Return its exit code when it has ended."""

    async def stop(self) -> None:
        """End it in good order; nothing happens when it does not run."""

    async def kill(self) -> None:
        """End it at once; nothing happens when it does not run."""


class Keeper:
    """Keeps what it is given; when one is past help its LocalError ends the task group."""

    def __init__(self, tasks: asyncio.TaskGroup, say: Callable[[str], None]) -> None:
        self._tasks = tasks
        self._kept: list[Kept] = []
        self._killed = False
        self._to_start_again: set[str] = set()
        self._say = say

    @asynccontextmanager
    async def keep(self, *processes: Kept) -> AsyncIterator[None]:
        """Inside of the context all of these run, side by side; entering it takes until all are ready."""
        self._kept.extend(processes)
        ready = {process.name: asyncio.Event() for process in processes}
        tasks = [self._tasks.create_task(self._keep(process, ready[process.name])) for process in processes]
        try:
            await self._all_ready(ready)
            yield
        finally:
            await cancel(*tasks)
            await asyncio.gather(*(process.stop() for process in processes))

    async def restart(self, process: Kept) -> None:
        """End one that is kept in good order; it is started again at once, and nobody calls that a failure of it."""
        self._to_start_again.add(process.name)
        await process.stop()

    async def kill(self) -> None:
        """End all that is kept at once, and start nothing again."""
        self._killed = True
        await asyncio.gather(*(process.kill() for process in self._kept))

    async def _all_ready(self, ready: dict[str, asyncio.Event]) -> None:
        for event in ready.values():
            while not event.is_set():
                try:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await event.wait()
                except TimeoutError:
                    missing = [name for name, event in ready.items() if not event.is_set()]
                    self._say(f"Still waiting for {', '.join(missing)} ...")

    async def _keep(self, process: Kept, ready: asyncio.Event) -> None:
        failures = 0
        while True:
            life = await self._live(process, ready)
            if self._killed:
                return
            if process.name in self._to_start_again:
                self._to_start_again.remove(process.name)
                continue
            verdict = after_end(life, failures, ever_ready=ready.is_set())
            if isinstance(verdict, GiveUp):
                error = RefusedSettingsError if verdict.refused else LocalError
                raise error(f"{process.name} {verdict.reason}.")
            failures = verdict.failures
            self._say(f"{process.name} {how_it_ended(life.code)}; starting it again in {verdict.delay:g} s.")
            await asyncio.sleep(verdict.delay)
            if self._killed:
                return

    async def _live(self, process: Kept, ready: asyncio.Event) -> Life:
        began = time.monotonic()
        try:
            await process.start()
        except EndedEarlyError as error:
            return Life(error.code, was_ready=False, seconds=time.monotonic() - began)
        except LocalError as error:
            if not ready.is_set():
                raise
            self._say(str(error))
            return Life(None, was_ready=False, seconds=time.monotonic() - began)
        if ready.is_set():
            self._say(f"{process.name} is running again.")
        ready.set()
        code = await process.wait()
        return Life(code, was_ready=True, seconds=time.monotonic() - began)
