"""Which events end a job, and how it ended then: each that is stored here is counted."""

from collections.abc import Mapping
from typing import Final

from metarr_chassis.event_store import EventStore, NewEvent, Recorded
from metarr_contracts import bulk, events
from metarr_contracts.base import Value
from metarr_enricher.metrics import JOB_ENDS, JobKind, JobOutcome

Ended = tuple[JobKind, JobOutcome]

ENDS: Final[Mapping[type[Value], Ended]] = {
    events.EnrichmentFailed: ("enrichment", "failed"),
    events.EnrichmentCancelled: ("enrichment", "cancelled"),
    events.ImportCompleted: ("import", "completed"),
    events.ImportFailed: ("import", "failed"),
    events.ImportCancelled: ("import", "cancelled"),
}


def job_end(event: Value | None) -> Ended | None:
    """Kind and outcome of the job that the event ends; None for all other events."""
    match event:
        case events.MovieEnriched():
            return "enrichment", "partial" if event.partial else "completed"
        case bulk.BulkEnded():
            return "bulk", event.status
        case events.CommandRejected():
            return event.kind, "rejected"
        case _:
            return None if event is None else ENDS.get(type(event))


class CountingStore(EventStore):
    """METARR_EVENTS for the enricher. An end is stored once, whoever repeats it: the job is asked for its end first."""

    async def append(self, subject: str, event: NewEvent, expected: int) -> Recorded:
        """As the store's own."""
        recorded = await super().append(subject, event, expected)
        if (end := job_end(recorded.body)) is not None:
            JOB_ENDS[end].inc()
        return recorded
