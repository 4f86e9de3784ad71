"""A batch on its way from the stream into the rows; what cannot be written is found by halving and set aside."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, TypeVar

import asyncpg

from metarr_projector.decoding import Item, Undecodable, decode
from metarr_projector.feed import Feed
from metarr_projector.fold import fold
from metarr_projector.patches import Changes
from metarr_projector.staging import Staged, movie_rows

T = TypeVar("T")

MAX_BATCH = 500
"""Events; decoded ones take some 20 KB of memory each, and while one batch is written the next one is decoded."""
AT_A_TURN = 20
"""Events that are decoded, or films whose rows are made; in between queries of this process are answered, and the
statements of the batch before go on."""

UNWRITABLE = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
    OverflowError,
)
"""Errors that a value brings about and that come again however often it is tried."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events in their order, and what they do to the rows."""

    items: Sequence[Item]
    made: Staged | Exception
    """Or why one of them cannot be made into rows."""

    @property
    def staged(self) -> Staged:
        """What they do to the rows.

        Raises:
            ValueError, OverflowError: one of them cannot be made into rows.
        """
        if isinstance(self.made, Exception):
            raise self.made
        return self.made


EMPTY = Batch((), Staged(Changes(), []))


async def next_batch(feed: Feed, *, patience: float, linger: float = 0, until: float = inf) -> Batch:
    """The next events, as `feed` hands them out.

    Raises:
        FeedBrokenError: messages are missing, or the server has fallen silent.
    """
    received = await feed.take(MAX_BATCH, patience=patience, linger=linger, until=until)
    items: list[Item] = []
    for part in _turns(received):
        items.extend(map(decode, part))
        await asyncio.sleep(0)
    return await batch_of(items)


async def batch_of(items: Sequence[Item]) -> Batch:
    """These events with what they do to the rows."""
    try:
        changes, movies = fold(items), list[Sequence[Any]]()
        for part in _turns(list(changes.movies.values())):
            movies.extend(movie_rows(part))
            await asyncio.sleep(0)
    except UNWRITABLE as error:
        return Batch(items, error)
    return Batch(items, Staged(changes, movies))


def _turns(parts: Sequence[T]) -> Iterator[Sequence[T]]:
    return (parts[start : start + AT_A_TURN] for start in range(0, len(parts), AT_A_TURN))


async def commit(batch: Batch, write: Callable[[Batch], Awaitable[None]]) -> list[Item]:
    """Write a batch, all of it or, where the database refuses a value, in parts around the event that holds it.

    Returns the items as they were written: an event that cannot be written has become an undecodable one.
    """
    items = batch.items
    if not items:
        return []
    try:
        await write(batch)
    except UNWRITABLE as error:
        if len(items) > 1:
            half = len(items) // 2
            return [item for part in (items[:half], items[half:]) for item in await commit(await batch_of(part), write)]
        if isinstance(items[0], Undecodable):
            raise
        dead = Undecodable(items[0].message, f"cannot be stored: {error}")
        await write(await batch_of([dead]))
        return [dead]
    return list(items)
