"""Tasks end when they are to, even when a cancellation is lost."""

import asyncio
import contextlib

import pytest

from metarr_chassis.background import cancel, cancellable, meanwhile, running


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


async def test_what_is_done_meanwhile_is_awaited() -> None:
    """The context is left when both have ended, and the result is there."""
    go_on = asyncio.Event()

    async def work() -> int:
        await go_on.wait()
        return 7

    async with meanwhile(work()) as task:
        assert not task.done()
        go_on.set()
    assert task.result() == 7


async def test_what_is_done_meanwhile_fails() -> None:
    """Its error is raised when the context is left."""

    async def work() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        async with meanwhile(work()):
            await asyncio.sleep(0)


async def test_what_is_done_meanwhile_ends_with_a_context_that_fails() -> None:
    """It is cancelled, and has ended, when the context's own error goes on; its own is not said again."""
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails_beside_it() -> None:
        async with meanwhile(work()):
            await asyncio.sleep(0)
            await _fail()

    with pytest.raises(ValueError, match="broken"):
        await fails_beside_it()
    assert ended.is_set()
