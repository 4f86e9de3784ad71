"""A batch on its way from the stream into the rows; what cannot be written is found by halving and set aside."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from metarr_projector.decoding import Item, Received, Undecodable, decode

MAX_BATCH = 2_000
DECODED_AT_A_TURN = 100
"""Events; in between, queries of this process are answered."""

UNWRITABLE = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
    OverflowError,
)
"""Errors that a value brings about and that come again however often it is tried."""


async def decode_all(received: Sequence[Received]) -> list[Item]:
    """The events of some messages."""
    items: list[Item] = []
    for start in range(0, len(received), DECODED_AT_A_TURN):
        items.extend(decode(message) for message in received[start : start + DECODED_AT_A_TURN])
        await asyncio.sleep(0)
    return items


async def commit(items: Sequence[Item], write: Callable[[Sequence[Item]], Awaitable[None]]) -> list[Item]:
    """Write a batch, all of it or, where the database refuses a value, in parts around the event that holds it.

    Returns the items as they were written: an event that cannot be written has become an undecodable one.
    """
    if not items:
        return []
    try:
        await write(items)
    except UNWRITABLE as error:
        if len(items) > 1:
            half = len(items) // 2
            return [*await commit(items[:half], write), *await commit(items[half:], write)]
        if isinstance(items[0], Undecodable):
            raise
        dead = Undecodable(items[0].message, f"cannot be stored: {error}")
        await write([dead])
        return [dead]
    return list(items)
