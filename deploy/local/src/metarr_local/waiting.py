"""Waiting for a condition of the outside world that sends no signal when it comes true."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PAUSE_SECONDS = 0.02


async def comes_true(condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Ask again and again until the answer is yes (True) or `seconds` have passed (False); ask at least once."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(PAUSE_SECONDS)
    return True
