"""A batch on its way into the rows: what cannot be made into rows, or written, is found and set aside."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import asyncpg
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.metarr_projector.histories import Library

from metarr_contracts.envelope import Envelope
from metarr_contracts.registry import type_of
from metarr_projector import batches
from metarr_projector.batches import EMPTY, Batch, batch_of, commit
from metarr_projector.decoding import Item, Received, Undecodable, decode
from metarr_projector.fold import fold
from metarr_projector.patches import Changes
from metarr_projector.staging import movie_rows

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def _items(count: int) -> list[Item]:
    """A history as the stream tells it."""
    return [
        decode(
            Received(
                seq,
                subject,
                Envelope(
                    id=str(seq), type=type_of(event), source="/metarr/test", time=NOW + timedelta(seconds=seq)
                ).headers(),
                event.to_json(),
            )
        )
        for seq, (subject, event) in enumerate(Library(3).history(count), 1)
    ]


class Table:
    """Takes batches, but none with an event of these sequences that can be read."""

    def __init__(self, *refused: int) -> None:
        self.refused = refused
        self.written: list[int] = []

    async def write(self, batch: Batch) -> None:
        """As the database would."""
        _ = batch.staged
        if any(item.seq in self.refused and not isinstance(item, Undecodable) for item in batch.items):
            raise asyncpg.DataError("too large")
        self.written += [item.seq for item in batch.items]


async def test_rows_are_those_of_all_events() -> None:
    """Made in turns, the rows are those that are made at once."""
    items = _items(60)
    staged = (await batch_of(items)).staged
    assert staged.changes == fold(items)
    assert staged.movies == movie_rows(fold(items).movies.values())


async def test_nothing_is_written_of_no_events() -> None:
    """The first batch of a projection is none."""
    table = Table()
    assert await commit(EMPTY, table.write) == []
    assert EMPTY.staged.changes == Changes()


@given(refused=st.sets(st.integers(1, 20), max_size=4))
async def test_what_is_refused_is_set_aside(refused: set[int]) -> None:
    """All events are written, once and in their order; those that the database refuses as dead letters."""
    table = Table(*refused)
    written = await commit(await batch_of(_items(20)), table.write)
    assert table.written == [item.seq for item in written] == list(range(1, 21))
    assert {item.seq for item in written if isinstance(item, Undecodable)} == refused


async def test_what_cannot_be_made_into_rows_is_set_aside() -> None:
    """An event whose rows cannot be made ahead is found when its batch is written, like one that is refused."""
    items = _items(20)

    def fails(told: list[Item]) -> Changes:
        if any(item.seq == 7 and not isinstance(item, Undecodable) for item in told):
            raise OverflowError("too large")
        return fold(told)

    table = Table()
    with patch.object(batches, "fold", fails):
        written = await commit(await batch_of(items), table.write)
    assert [item.seq for item in written if isinstance(item, Undecodable)] == [7]
    assert table.written == list(range(1, 21))
