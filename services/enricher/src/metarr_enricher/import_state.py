"""How far a large import is, folded from its events; and how it goes on. Pure."""

from collections.abc import Sequence
from datetime import datetime

from metarr_contracts import events
from metarr_contracts.base import Value
from metarr_contracts.events import ImportCounts, ImportedRow
from metarr_contracts.http import count


class ImportState(Value):
    """An import: the chunks that are in, and how it ended."""

    chunks: int = 0
    processed: int = 0
    counts: ImportCounts = ImportCounts()
    cancel_requested: bool = False
    ended: bool = False


INITIAL = ImportState()


def evolve(state: ImportState, event: Value | None) -> ImportState:
    """The import after the event."""
    match event:
        case events.ImportProgressed():
            return state.model_copy(
                update={"chunks": event.chunk, "processed": event.processed, "counts": event.counts}
            )
        case events.CancelRequested():
            return state.model_copy(update={"cancel_requested": True})
        case events.CommandRejected() | events.ImportCompleted() | events.ImportFailed() | events.ImportCancelled():
            return state.model_copy(update={"ended": True})
        case _:
            return state


def progress(
    state: ImportState, job_id: int, rows: Sequence[ImportedRow], total: int, now: datetime
) -> events.ImportProgressed:
    """The next chunk is in."""
    return events.ImportProgressed(
        job_id=job_id,
        chunk=state.chunks + 1,
        processed=state.processed + len(rows),
        total=total,
        counts=_sum(state.counts, count(tuple(rows))),
        noted=tuple(row for row in rows if row.result in ("conflict", "rejected") or row.note),
        at=now,
    )


def finish(
    state: ImportState, job_id: int, total: int, now: datetime
) -> events.ImportCompleted | events.ImportCancelled | None:
    """All rows have their result, or a person cancelled it before."""
    if state.ended:
        return None
    if state.cancel_requested and state.processed < total:
        return events.ImportCancelled(job_id=job_id, completed_at=now)
    return events.ImportCompleted(job_id=job_id, total=total, counts=state.counts, completed_at=now)


def _sum(first: ImportCounts, second: ImportCounts) -> ImportCounts:
    return ImportCounts(
        added=first.added + second.added,
        unchanged=first.unchanged + second.unchanged,
        conflict=first.conflict + second.conflict,
        rejected=first.rejected + second.rejected,
    )
