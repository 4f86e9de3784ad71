"""Films that are asked for side by side are read together; no read that began before serves him who asks."""

import asyncio
from typing import Any

import pytest

from metarr_projector.errors import DatabaseAwayError
from metarr_projector.film_rows import FilmRows

FILMS = 3


class Tables:
    """A database whose reads show what is true when they begin, and end when they may."""

    def __init__(self) -> None:
        self.truth = 0
        self.away = False
        self.read: list[set[int]] = []
        self._may: list[asyncio.Event] = []

    async def fetch(self, _sql: str, ids: list[int]) -> list[dict[str, int]]:
        """The rows of those films that there are."""
        if self.away:
            raise DatabaseAwayError
        seen = self.truth
        self.read.append(set(ids))
        self._may.append(may := asyncio.Event())
        await may.wait()
        return [{"id": movie_id, "truth": seen} for movie_id in ids if movie_id <= FILMS]

    async def end(self) -> None:
        """The read that is under way ends."""
        self._may.pop(0).set()
        await _idle()


async def _idle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def _asking(films: FilmRows, *ids: int) -> list[asyncio.Task[Any]]:
    tasks = [asyncio.create_task(films.row(movie_id)) for movie_id in ids]
    await _idle()
    return tasks


async def test_those_who_come_meanwhile_are_read_together() -> None:
    """Given a read under way, then those who ask are served by one read after it, which shows what is true then."""
    tables: Any = Tables()
    films = FilmRows(tables)
    first = await _asking(films, 1)
    tables.truth = 1
    others = await _asking(films, 1, 2, 2, 9)
    assert tables.read == [{1}]
    await tables.end()
    assert tables.read == [{1}, {1, 2, 9}]
    await tables.end()
    one, two, again, none = [await other for other in others]
    assert (await first[0], one, none) == ({"id": 1, "truth": 0}, {"id": 1, "truth": 1}, None)
    assert two == again == {"id": 2, "truth": 1}


async def test_who_goes_leaves_the_read_to_the_others() -> None:
    """Given one of two who goes, then the other one is served."""
    tables: Any = Tables()
    films = FilmRows(tables)
    goes, stays = await _asking(films, 1, 2)
    goes.cancel()
    await _idle()
    await tables.end()
    assert await stays == {"id": 2, "truth": 0}


async def test_a_database_that_is_away_is_told_to_all() -> None:
    """And when it is back films are read again."""
    tables: Any = Tables()
    tables.away = True
    films = FilmRows(tables)
    for asked in await _asking(films, 1, 2):
        with pytest.raises(DatabaseAwayError):
            await asked
    tables.away = False
    (later,) = await _asking(films, 3)
    await tables.end()
    assert await later == {"id": 3, "truth": 0}
