"""How many rows there are of a kind, counted once for as long as they are the same rows."""

from collections.abc import Hashable

from metarr_projector.database import Database
from metarr_projector.listing import Statement

MOST = 1_000
"""Counts that are kept; each is of another question."""


class Counts:
    """The counts of one state of the rows: of the tables that hold them, and the event up to which they were brought.

    Each event may change any of them, and while nothing happens a person who scrolls asks for the same one with each
    page.
    """

    def __init__(self) -> None:
        self._state: Hashable = None
        self._counts: dict[tuple[object, ...], int] = {}

    async def count(self, database: Database, statement: Statement, state: Hashable) -> int:
        """What a statement counts, in the rows of this state or of a later one.

        Raises:
            DatabaseAwayError: the database cannot be reached.
        """
        asked = (statement.sql, *statement.arguments)
        if self._state == state and (known := self._counts.get(asked)) is not None:
            return known
        count: int = (await database.fetch(statement.sql, *statement.arguments))[0]["count"]
        # Counted later than the state was read, so it may be of a newer one. Nobody is told the older state again, as
        # the newer one was committed before.
        if self._state != state or len(self._counts) >= MOST:
            self._state, self._counts = state, {}
        self._counts[asked] = count
        return count
