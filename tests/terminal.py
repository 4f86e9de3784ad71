"""The events of which each job has exactly one, at its end."""

from metarr_contracts import bulk, events

TERMINAL = (
    events.MovieEnriched,
    events.EnrichmentFailed,
    events.EnrichmentCancelled,
    events.CommandRejected,
    events.ImportCompleted,
    events.ImportFailed,
    events.ImportCancelled,
    bulk.BulkEnded,
)
