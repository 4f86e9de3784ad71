"""Folding does not depend on where a history is cut into batches."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.metarr_projector.histories import START, Library, completeness_of
from tests.unit.metarr_projector.tables import Tables

from metarr_contracts.base import Value
from metarr_projector.decoding import Item, Received, Recorded, Undecodable
from metarr_projector.fold import fold

SEEDS = st.integers(0, 2**32)
CUTS = st.lists(st.integers(1, 40), min_size=1, max_size=20)


def _items(history: Sequence[tuple[str, Value]]) -> list[Item]:
    """The history as it is read from the stream; every eleventh message is none of ours."""
    items: list[Item] = []
    for seq, (subject, event) in enumerate(history, 1):
        message = Received(seq, subject, {"ce-id": str(seq)}, b"")
        items.append(Recorded(message, str(seq), START + timedelta(seconds=seq), event))
        if seq % 11 == 0:
            items.append(Undecodable(Received(seq + 10_000, subject, {}, b"?"), "no event"))
    return items


def _in_batches(items: Sequence[Item], sizes: Sequence[int]) -> Tables:
    tables, begin = Tables(), 0
    while begin < len(items):
        for size in sizes:
            tables.apply(fold(items[begin : begin + size]))
            begin += size
    return tables


@settings(max_examples=60)
@given(seed=SEEDS, sizes=CUTS)
def test_any_cut_gives_the_same_rows(seed: int, sizes: list[int]) -> None:
    """One batch, one event a batch, and any other cut leave the same rows."""
    items = _items(Library(seed).history(150))
    assert _in_batches(items, sizes) == _in_batches(items, [len(items)]) == _in_batches(items, [1])


@settings(max_examples=20)
@given(seed=SEEDS)
def test_folding_twice_gives_the_same_rows(seed: int) -> None:
    """The fold has no clock, no chance and no memory: a second projection of a history equals the first."""
    items = _items(Library(seed).history(150))
    assert _in_batches(items, [7]) == _in_batches(items, [7])


@settings(max_examples=30)
@given(seed=SEEDS)
def test_films_are_as_complete_as_was_said_last(seed: int) -> None:
    """The rows hold the films that are there, with their values and how complete that makes them."""
    library = Library(seed)
    tables = _in_batches(_items(library.history(200)), [13])
    figures = {movie_id: completeness_of(present) for movie_id, present in library.fields.items()}
    assert {movie_id: film.completeness for movie_id, film in tables.movies.items()} == figures
    assert {movie_id: set(values) for movie_id, values in tables.values.items()} == library.fields


@settings(max_examples=30)
@given(seed=SEEDS)
def test_failures_of_runs_add_up(seed: int) -> None:
    """Whatever was told as failed in a run is in its rows, each film once."""
    library = Library(seed)
    tables = _in_batches(_items(library.history(300)), [17])
    told = {(job_id, film) for job_id, films in library.runs.known.items() for film in films}
    assert set(tables.run_failures) == told
