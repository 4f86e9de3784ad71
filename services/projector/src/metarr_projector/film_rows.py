"""Rows of single films, read many at once: who asks while a read is under way is served by the next one.

A read takes a film from its tables in a few microseconds, and the way to the server and back takes ten times as long.
Nobody is served by a read that began before he asked, so he sees what a read of his own would have shown.
"""

import asyncio
from collections.abc import Mapping

from metarr_projector.database import Database, Row

MOVIES = """SELECT m.*, d.fields, d.missing AS missing_detail, d.providers, d.candidates, d.locked, d.duration,
d.last_job FROM live.movie AS m JOIN live.movie_detail AS d ON d.movie_id = m.id WHERE m.id = ANY($1)"""


class _Read:
    """A read that has not begun, or the one that is under way."""

    def __init__(self) -> None:
        self.ids: set[int] = set()
        self.task: asyncio.Task[Mapping[int, Row]] | None = None


class FilmRows:
    """One read at a time, of all films that somebody waits for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = asyncio.Lock()
        self._next = _Read()

    async def row(self, movie_id: int) -> Row | None:
        """A film with its details; None where there is no such film.

        Raises:
            DatabaseAwayError: the database cannot be reached.
        """
        read = self._next
        read.ids.add(movie_id)
        if read.task is None:
            read.task = asyncio.create_task(self._rows(read))
        # Who goes leaves the read to the others.
        return (await asyncio.shield(read.task)).get(movie_id)

    async def _rows(self, read: _Read) -> Mapping[int, Row]:
        async with self._turn:
            self._next = _Read()
            return {row["id"]: row for row in await self._database.fetch(MOVIES, list(read.ids))}
