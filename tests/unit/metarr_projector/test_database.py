"""Reads while the database is away, and what goes on in the background until it is back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from metarr_chassis import correlation
from metarr_projector.database import Database
from metarr_projector.errors import DatabaseAwayError


class Pool:
    """A server that is away once, and then hears for what it is asked."""

    def __init__(self) -> None:
        self.asked_for: list[str | None] = []
        self._away = True

    @contextlib.asynccontextmanager
    async def acquire(self, **_options: float) -> AsyncIterator["Pool"]:
        """A connection, but not at first."""
        if self._away:
            self._away = False
            raise ConnectionRefusedError
        yield self

    async def fetch(self, _sql: str) -> list[Any]:
        """No rows."""
        self.asked_for.append(correlation.current())
        return []

    def terminate(self) -> None:
        """Nothing is open."""


async def test_the_wait_for_its_return_belongs_to_no_request() -> None:
    """Given a request that finds the database away, then what goes on after it is not told as a part of it."""
    pool: Any = Pool()
    database = Database(pool)
    with correlation.belonging_to("request"), pytest.raises(DatabaseAwayError):
        await database.fetch("SELECT")
    async with asyncio.timeout(60):
        while not pool.asked_for:
            await asyncio.sleep(0)
    assert pool.asked_for == [None]
