"""Work beside the work: a task that runs while a context is open, and how tasks are ended."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterable
from typing import Any, TypeVar

CANCEL_SECONDS = 0.5

T = TypeVar("T")


async def cancel(*tasks: asyncio.Task[Any], again: float = CANCEL_SECONDS) -> None:
    """Cancel the tasks and return when all have ended, however they did; their results are left to the caller.

    More than once, every `again` seconds: `asyncio.wait_for` of Python 3.11 loses a cancellation that comes together
    with its result. Tasks that need a while to clean up are given longer than that, or they are disturbed at it.
    """
    pending: Iterable[asyncio.Task[Any]] = [task for task in tasks if not task.done()]
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=again)


async def cancellable(work: Coroutine[Any, Any, T]) -> T:
    """Await `work`; when we are cancelled it is too, and has ended, even when it loses a cancellation."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        await cancel(task)
        # What it says at its end is of no use to anybody, and so it is taken.
        _ = task.cancelled() or task.exception()
        raise
    return task.result()


@contextlib.asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` while the context is open; it is cancelled, and has ended, when the context is left."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await cancel(task)
        if not task.cancelled():
            task.result()


@contextlib.asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Do `work` beside what the context does; its end is awaited on leaving, and it is cancelled where that fails."""
    task = asyncio.create_task(work)
    try:
        yield task
        await task
    finally:
        await cancel(task)
        # What it says at its end after the context has failed is of no use to anybody, and so it is taken.
        _ = task.cancelled() or task.exception()
