"""Who waits for a sequence goes on as soon as it is committed."""

import asyncio

import pytest

from metarr_projector.errors import DatabaseAwayError
from metarr_projector.position import Position

PATIENCE = 120.0


async def _never() -> int:
    raise AssertionError("the checkpoint was read")


async def test_known_position_is_not_waited_for() -> None:
    """What is committed already is answered without reading anything."""
    position = Position(_never)
    position.advance(5)
    assert await position.reach(5, PATIENCE)


async def test_projection_of_this_process_wakes_those_who_wait() -> None:
    """Nobody polls where the projection is in the same process."""
    position = Position(_never)
    position.projecting = True
    waiting = asyncio.create_task(position.reach(5, PATIENCE))
    await asyncio.sleep(0)
    position.advance(4)
    await asyncio.sleep(0)
    assert not waiting.done()
    position.advance(5)
    assert await waiting


async def test_patience_ends() -> None:
    """What does not come is said."""
    position = Position(_never)
    position.projecting = True
    assert not await position.reach(5, patience=0)


async def test_checkpoint_is_read_where_another_process_projects() -> None:
    """One reading serves all who wait."""
    read = []

    async def checkpoint() -> int:
        read.append(1)
        return 5

    position = Position(checkpoint)
    assert await asyncio.gather(*(position.reach(5, PATIENCE) for _ in range(20))) == [True] * 20
    assert len(read) == 1
    await position.close()


async def test_database_away_is_said_at_once() -> None:
    """Nobody waits for a checkpoint that cannot be read."""

    async def away() -> int:
        raise DatabaseAwayError

    position = Position(away)
    with pytest.raises(DatabaseAwayError):
        await position.reach(5, PATIENCE)
    await position.close()


async def test_checkpoint_that_went_back_is_believed() -> None:
    """Another process projects another stream now: what was reached in the old one says nothing."""
    checkpoints = iter([5, 2, 6])

    async def checkpoint() -> int:
        return next(checkpoints)

    position = Position(checkpoint)
    assert await position.reach(5, PATIENCE)
    waiting = asyncio.create_task(position.reach(6, PATIENCE))
    while position.seq != 2:
        await asyncio.sleep(0)
    assert await waiting
    await position.close()


async def test_checkpoint_is_forgotten_when_nobody_reads_it() -> None:
    """The stream may be replaced before the next one asks: it is read again."""
    checkpoints = iter([5, 3])

    async def checkpoint() -> int:
        return next(checkpoints)

    position = Position(checkpoint)
    assert await position.reach(5, PATIENCE)
    await position.close()
    assert not await position.reach(4, patience=0)
    await position.close()


async def test_a_late_checkpoint_takes_nothing_back_from_the_projection() -> None:
    """It was asked for before this process began to project."""
    asked, told = asyncio.Event(), asyncio.Event()

    async def checkpoint() -> int:
        asked.set()
        await told.wait()
        return 3

    position = Position(checkpoint)
    waiting = asyncio.create_task(position.reach(6, PATIENCE))
    await asked.wait()
    position.projecting = True
    position.advance(5)
    told.set()
    while position._poll is not None:
        await asyncio.sleep(0)
    assert position.seq == 5
    position.advance(6)
    assert await waiting
    await position.close()


async def test_position_never_goes_back_but_by_reset() -> None:
    """A late answer about the checkpoint takes nothing back; another stream does."""
    position = Position(_never)
    position.advance(5)
    position.advance(3)
    assert position.seq == 5
    position.reset()
    assert position.seq == 0
