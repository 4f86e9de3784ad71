"""The test clock: real UTC plus an offset, which other processes follow by a long poll."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

LONGEST_POLL = 25.0
"""Seconds that a long poll waits for a new version."""
_LARGEST_OFFSET = 10 * 366 * 86_400


class Clock:
    """An offset in seconds with a version that grows with each change, also with a reset."""

    def __init__(self) -> None:
        self.version = 1
        self.offset_seconds = 0.0
        self._moved = asyncio.Condition()
        self._waiting: Counter[int] = Counter()
        self._closed = False

    def now(self) -> datetime:
        """The sandbox's time, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def shown(self) -> dict[str, Any]:
        """The clock as the control endpoint shows it."""
        return {"version": self.version, "offsetSeconds": self.offset_seconds}

    @property
    def followers(self) -> int:
        """How many know the present version and wait for the next."""
        return self._waiting[self.version]

    async def move(self, offset_seconds: float) -> None:
        """Set the offset; raises ValueError beyond ten years."""
        if not abs(offset_seconds) <= _LARGEST_OFFSET:
            raise ValueError(offset_seconds)
        async with self._moved:
            self.offset_seconds = offset_seconds
            self.version += 1
            self._moved.notify_all()

    async def wait_after(self, version: int, timeout: float = LONGEST_POLL) -> None:  # noqa: ASYNC109 - a poll's length
        """Return when there is a version above this one, or after the time-out."""
        self._waiting[version] += 1
        try:
            async with asyncio.timeout(timeout), self._moved:
                await self._moved.wait_for(lambda: self._closed or self.version > version)
        except TimeoutError:
            return
        finally:
            self._waiting[version] -= 1
            if not self._waiting[version]:
                del self._waiting[version]

    async def close(self) -> None:
        """Let all who wait go."""
        async with self._moved:
            self._closed = True
            self._moved.notify_all()
