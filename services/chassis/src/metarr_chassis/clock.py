"""The time by which the product works: the system's, or in a demo the one that the provider sandbox serves to all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import structlog

from metarr_chassis.background import running

log = structlog.get_logger()

LONGEST_SLEEP = 30.0
"""Seconds; a laptop that slept, or a clock that was set, is noticed after this at the latest."""


class Clock:
    """System time plus an offset that is zero except in tests and demos."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self._changed = asyncio.Event()

    def now(self) -> datetime:
        """This moment in UTC."""
        return datetime.now(UTC) + self.offset

    def from_system(self, moment: datetime) -> datetime:
        """A moment told by a server that keeps system time, on this clock."""
        return moment + self.offset

    def shift(self, offset: timedelta) -> None:
        """Set the offset and wake everybody who waits for a moment."""
        self.offset = offset
        self._changed.set()
        self._changed = asyncio.Event()

    async def sleep_until(self, moment: datetime) -> None:
        """Return when the clock shows this moment or a later one."""
        while (left := (moment - self.now()).total_seconds()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, LONGEST_SLEEP)):
                    await self._changed.wait()


@contextlib.asynccontextmanager
async def follow_sandbox(clock: Clock, sandbox_url: str | None) -> AsyncIterator[None]:
    """Keep the clock in step with the sandbox's while the context is open; without a sandbox nothing happens."""
    if sandbox_url is None:
        yield
        return
    async with aiohttp.ClientSession(base_url=sandbox_url) as session:
        version = await _poll(clock, session, None)
        async with running(_follow(clock, session, version)):
            yield


async def _follow(clock: Clock, session: aiohttp.ClientSession, version: int | None) -> None:
    while True:
        version = await _poll(clock, session, version)


async def _poll(clock: Clock, session: aiohttp.ClientSession, version: int | None) -> int | None:
    """Ask for a newer offset; the answer comes when there is one, or after a while. Returns the version now known."""
    try:
        async with session.get("/control/clock", params={} if version is None else {"after": version}) as response:
            told = await response.json()
        now_known, offset = int(told["version"]), timedelta(seconds=told["offsetSeconds"])
    except (aiohttp.ClientError, TimeoutError, ValueError, TypeError, LookupError, OverflowError) as error:
        # An answer that says nothing, as of a proxy before a sandbox that starts, is as good as none.
        log.warning("sandbox clock unreachable", error=repr(error))
        await asyncio.sleep(0.5)
        return version
    if now_known != version:
        clock.shift(offset)
    return now_known
