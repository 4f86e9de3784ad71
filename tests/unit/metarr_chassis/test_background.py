"""Tasks end when they are to, even when a cancellation is lost."""

import asyncio
import contextlib

import pytest

from metarr_chassis.background import cancel, cancellable, running


async def _swallow_one(started: asyncio.Event) -> None:
    """What `asyncio.wait_for` of Python 3.11 does to a cancellation that comes together with its result."""
    started.set()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    await asyncio.Event().wait()


async def _fail() -> None:
    raise ValueError("broken")


async def test_a_lost_cancellation_is_repeated() -> None:
    """Nobody waits for ever for a task that swallowed the first one; those that have ended are left alone."""
    started = asyncio.Event()
    deaf, plain = asyncio.create_task(_swallow_one(started)), asyncio.create_task(asyncio.Event().wait())
    ended = asyncio.create_task(asyncio.sleep(0))
    await started.wait()
    await ended
    await cancel(deaf, plain, ended, again=0)
    assert (deaf.cancelled(), plain.cancelled(), ended.cancelled()) == (True, True, False)


async def test_work_that_loses_a_cancellation_can_be_cancelled() -> None:
    """Who waits for it is cancelled at once it has ended; results and failures come through."""
    started = asyncio.Event()
    waiting = asyncio.create_task(cancellable(_swallow_one(started)))
    await started.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await cancellable(asyncio.sleep(0, "done")) == "done"
    with pytest.raises(ValueError, match="broken"):
        await cancellable(_fail())


async def test_nothing_to_cancel() -> None:
    """No tasks, no waiting."""
    await cancel()


async def test_failures_are_left_to_the_caller() -> None:
    """A task that failed has ended too."""
    failed = asyncio.create_task(_fail())
    await asyncio.wait([failed])
    await cancel(failed)
    assert isinstance(failed.exception(), ValueError)


async def test_what_runs_beside_has_ended_when_the_context_is_left() -> None:
    """Its failure is not lost either."""
    started = asyncio.Event()
    async with running(_swallow_one(started)):
        await started.wait()
    with pytest.raises(ValueError, match="broken"):
        async with running(_fail()):
            await asyncio.sleep(0)
