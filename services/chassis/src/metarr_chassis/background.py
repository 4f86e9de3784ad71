"""Work beside the work: a task that runs while a context is open."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

CANCEL_SECONDS = 0.5


@contextlib.asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` while the context is open; it is cancelled, and has ended, when the context is left."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        # More than once: `asyncio.wait_for` of Python 3.11 loses a cancellation that comes together with its result.
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=CANCEL_SECONDS)
        if not task.cancelled():
            task.result()
