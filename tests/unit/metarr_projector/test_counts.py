"""Counts that are kept for as long as the rows are the same."""

from typing import Any

from metarr_projector import counts
from metarr_projector.counts import Counts
from metarr_projector.listing import Statement

PLOT, CAST = Statement("SELECT count(*)", ["plot"]), Statement("SELECT count(*)", ["cast"])


class Rows:
    """A database that counts how often it was asked, and says that."""

    def __init__(self) -> None:
        self.asked = 0

    async def fetch(self, _sql: str, *_arguments: object) -> list[dict[str, int]]:
        """One count, another each time."""
        self.asked += 1
        return [{"count": self.asked}]


async def test_rows_that_stay_the_same_are_counted_once() -> None:
    """Given no event in between, then the same question is answered from the first count, another one is counted."""
    kept, rows = Counts(), Rows()
    database: Any = rows
    assert [await kept.count(database, PLOT, 7) for _ in range(3)] == [1, 1, 1]
    assert [await kept.count(database, CAST, 7), await kept.count(database, PLOT, 7)] == [2, 1]


async def test_each_event_makes_all_counts_new() -> None:
    """Given another state of the rows, then all is counted again, and nothing of the state before is left."""
    kept, rows = Counts(), Rows()
    database: Any = rows
    assert [await kept.count(database, PLOT, state) for state in (7, 8, 8, 7)] == [1, 2, 2, 3]


async def test_they_need_bounded_memory(monkeypatch: Any) -> None:
    """Given more questions than are kept, then those before are forgotten."""
    monkeypatch.setattr(counts, "MOST", 2)
    kept, rows = Counts(), Rows()
    database: Any = rows
    for number in range(5):
        await kept.count(database, Statement("SELECT count(*)", [number]), 7)
    assert len(kept._counts) <= 2
