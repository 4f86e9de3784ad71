"""How far a large import is, and how it goes on."""

from tests.unit.metarr_enricher.films import NOW

from metarr_contracts import events
from metarr_contracts.events import ImportCounts, ImportedRow
from metarr_enricher import import_state
from metarr_enricher.import_state import INITIAL, ImportState, evolve

ROWS = (
    ImportedRow(row=1, result="added", movie_id=1),
    ImportedRow(row=2, result="unchanged", movie_id=1),
    ImportedRow(row=3, result="conflict", movie_id=1, reason="A"),
    ImportedRow(row=4, result="rejected", reason="A"),
    ImportedRow(row=5, result="added", movie_id=2, note="A"),
)


def given(*history: events.JobEvent) -> ImportState:
    """The import after these events."""
    state = INITIAL
    for event in history:
        state = evolve(state, event)
    return state


def progress(state: ImportState) -> events.ImportProgressed:
    """The next chunk is in."""
    return import_state.progress(state, 5, ROWS, 12, NOW)


def test_a_chunk_adds_to_the_counts() -> None:
    """Counts are of all chunks so far; rows that a person wants to see are kept."""
    first = progress(INITIAL)
    second = progress(given(first))
    assert (second.chunk, second.processed, second.total) == (2, 10, 12)
    assert second.counts == ImportCounts(added=4, unchanged=2, conflict=2, rejected=2)
    assert [row.row for row in second.noted] == [3, 4, 5]


def test_a_chunk_that_is_in_counts_although_the_import_is_cancelled() -> None:
    """Its rows are in the library."""
    first = progress(INITIAL)
    state = given(first, events.CancelRequested(job_id=5))
    assert progress(state).processed == 10
    assert given(first, events.CancelRequested(job_id=5), progress(state)).cancel_requested


def test_it_ends_with_its_counts() -> None:
    """All rows have their result."""
    done = import_state.finish(given(progress(INITIAL)), 5, 5, NOW)
    assert done == events.ImportCompleted(
        job_id=5, total=5, counts=ImportCounts(added=2, unchanged=1, conflict=1, rejected=1), completed_at=NOW
    )


def test_it_ends_once() -> None:
    """However it ended, nothing more is said."""
    ends: tuple[events.JobEvent, ...] = (
        events.ImportCompleted(job_id=5, total=5, counts=ImportCounts(), completed_at=NOW),
        events.ImportCancelled(job_id=5, completed_at=NOW),
        events.ImportFailed(job_id=5, error="A", completed_at=NOW),
        events.CommandRejected(job_id=5, kind="import", movie_id=None, code="invalid_command", error="A"),
    )
    for end in ends:
        assert given(end).ended
        assert import_state.finish(given(end), 5, 5, NOW) is None


def test_what_cannot_be_read_changes_nothing() -> None:
    """An event of a newer version is passed over."""
    assert evolve(INITIAL, None) == INITIAL


def test_a_cancelled_import_ends_before_all_rows_are_in() -> None:
    """One whose last chunk was in already is complete."""
    cancel = events.CancelRequested(job_id=5)
    ended = import_state.finish(given(progress(INITIAL), cancel), 5, 12, NOW)
    assert ended == events.ImportCancelled(job_id=5, completed_at=NOW)
    assert isinstance(import_state.finish(given(progress(INITIAL), cancel), 5, 5, NOW), events.ImportCompleted)
