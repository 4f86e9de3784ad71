"""From events to row changes, without reading rows: folding a history in any batches leaves the same rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from metarr_contracts import events, subjects
from metarr_contracts.movie import FAILED, LIMITED, Completeness, MissingField
from metarr_contracts.readmodels import LastJob
from metarr_projector.decoding import Item, Recorded
from metarr_projector.fold_jobs import fold_job
from metarr_projector.fold_providers import fold_provider
from metarr_projector.fold_runs import fold_run
from metarr_projector.fold_schedule import fold_schedule
from metarr_projector.patches import Changes, JobPatch

JobEnd = events.MovieEnriched | events.EnrichmentFailed | events.EnrichmentCancelled
JobState = Literal["completed", "failed", "cancelled"]


def fold(items: Iterable[Item]) -> Changes:
    """All that these events, in this order, do to the rows."""
    changes = Changes()
    for item in items:
        if isinstance(item, Recorded):
            fold_event(changes, item)
        else:
            changes.dead.append(item.row())
    return changes


def fold_event(changes: Changes, recorded: Recorded) -> None:
    """Add what one event does. Events that no row shows (claims, rules, requests to cancel an import) do nothing."""
    match event := recorded.body:
        case events.MovieEnriched():
            _enriched(changes, event)
        case events.EnrichmentFailed():
            _failed(changes, event)
        case events.EnrichmentCancelled():
            _end_job(changes, event, "cancelled", error="Enrichment cancelled", code="cancelled")
        case events.MovieAdded():
            _added(changes, recorded.time, event)
        case events.MovieIdentified():
            _identified(changes, event)
        case events.CandidatesFound():
            patch = changes.movie(event.movie_id)
            patch.candidates, patch.searched = event.candidates, True
        case events.MovieChanged():
            _changed(changes, event)
        case events.MovieRemoved():
            changes.movies.pop(event.movie_id, None)
            changes.movie(event.movie_id).removed = True
            changes.library.move(event.completeness, None)
        case events.CancelRequested() if recorded.message.subject != subjects.BULK_EVENTS:
            pass
        case _:
            fold_job(changes, recorded.time, event)
            fold_provider(changes, event)
            fold_run(changes, recorded.seq, event)
            fold_schedule(changes, recorded.seq, event)


def _added(changes: Changes, time: datetime, event: events.MovieAdded) -> None:
    patch = changes.movie(event.movie_id)
    patch.added_at = time
    patch.given = (event.title, event.year)
    patch.ids = event.ids
    patch.completeness, patch.missing = 0, event.missing
    patch.searched, patch.candidates, patch.locked = False, (), ()
    changes.library.move(None, 0)


def _identified(changes: Changes, event: events.MovieIdentified) -> None:
    patch = changes.movie(event.movie_id)
    patch.ids = event.ids
    if event.ids.tmdb is not None:
        patch.searched, patch.candidates = False, ()
    patch.fields.update(dict.fromkeys(event.dropped))
    _complete(changes, event.movie_id, event.completeness, event.missing)


def _changed(changes: Changes, event: events.MovieChanged) -> None:
    patch = changes.movie(event.movie_id)
    patch.given = (event.title, event.year)
    patch.locked = event.locked
    patch.fields.update(dict.fromkeys(event.cleared))
    patch.fields.update(event.changed)
    _complete(changes, event.movie_id, event.completeness, event.missing)


def _enriched(changes: Changes, event: events.MovieEnriched) -> None:
    patch = changes.movie(event.movie_id)
    patch.fields.update(event.changed)
    patch.partial, patch.providers = event.partial, event.providers
    patch.last_enriched = event.completed_at
    patch.duration = round((event.completed_at - event.started_at).total_seconds(), 1)
    _complete(changes, event.movie_id, event.completeness, event.missing)
    _end_job(changes, event, "completed")


def _failed(changes: Changes, event: events.EnrichmentFailed) -> None:
    if event.code == "incomplete":
        # The run is as if it had not asked about the film; only the job says that it did.
        _add_ended(changes, event, "failed", event.error, event.code)
        return
    patch = changes.movie(event.movie_id)
    patch.missing = event.missing
    if event.providers:
        patch.providers = event.providers
        patch.partial = any(provider.outcome in LIMITED | FAILED for provider in event.providers)
    _end_job(changes, event, "failed", error=event.error, code=event.code)


def _complete(changes: Changes, movie_id: int, completeness: Completeness, missing: tuple[MissingField, ...]) -> None:
    patch = changes.movie(movie_id)
    patch.completeness, patch.missing = completeness.after, missing
    changes.library.move(completeness.before, completeness.after)


def _end_job(
    changes: Changes, event: JobEnd, state: JobState, *, error: str | None = None, code: str | None = None
) -> None:
    changes.movie(event.movie_id).last_job = LastJob(
        job_id=event.job_id, state=state, completed_at=event.completed_at, error=error
    )
    _add_ended(changes, event, state, error, code)


def _add_ended(changes: Changes, event: JobEnd, state: JobState, error: str | None, code: str | None) -> None:
    changes.add_job(
        JobPatch(
            job_id=event.job_id,
            kind="enrichment",
            state=state,
            movie_id=event.movie_id,
            progress=100 if state == "completed" else None,
            started_at=event.started_at,
            completed_at=event.completed_at,
            error=error,
            code=code,
        )
    )
