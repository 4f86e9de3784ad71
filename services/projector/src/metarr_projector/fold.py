"""From events to row changes, without reading rows: folding a history in any batches leaves the same rows."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from metarr_contracts import events, subjects
from metarr_contracts.base import Value
from metarr_contracts.movie import FAILED, LIMITED
from metarr_contracts.readmodels import LastJob
from metarr_projector.decoding import Item, Recorded
from metarr_projector.fold_jobs import fold_job
from metarr_projector.fold_providers import fold_provider
from metarr_projector.fold_runs import fold_run
from metarr_projector.fold_schedule import fold_schedule
from metarr_projector.patches import Changes, JobPatch

JobEnd = events.MovieEnriched | events.EnrichmentFailed | events.EnrichmentCancelled
JobState = Literal["completed", "failed", "cancelled"]


class FilmUnknownError(ValueError):
    """What was said of a film before it is added counts only if it has a row, and rows are not read: see `commit`."""


def fold(items: Iterable[Item]) -> Changes:
    """All that these events, in this order, do to the rows.

    Raises:
        FilmUnknownError: a film is added after something else was said of it; these need a batch each.
    """
    changes = Changes()
    for item in items:
        if isinstance(item, Recorded):
            fold_event(changes, item)
        else:
            changes.dead.append(item.row())
    return changes


def fold_event(changes: Changes, recorded: Recorded) -> None:
    """Add what one event does. Events that no row shows (claims, rules, requests to cancel an import) do nothing."""
    event = recorded.body
    if do := OF_FILMS.get(type(event)):
        do(changes, recorded.time, event)
    elif type(event) is not events.CancelRequested or recorded.message.subject == subjects.BULK_EVENTS:
        fold_job(changes, recorded.time, event)
        fold_provider(changes, event)
        fold_run(changes, recorded.seq, event)
        fold_schedule(changes, recorded.seq, event)


def _added(changes: Changes, time: datetime, event: events.MovieAdded) -> None:
    patch = changes.movies.get(event.movie_id)
    if patch is not None and patch.added_at is None and not patch.removed:
        raise FilmUnknownError(event.movie_id)
    patch = changes.movie(event.movie_id)
    patch.added_at = patch.added_at or time
    patch.given = (event.title, event.year)
    patch.ids = event.ids
    patch.completeness, patch.missing = 0, event.missing
    patch.searched, patch.candidates, patch.locked = False, (), ()


def _identified(changes: Changes, _: datetime, event: events.MovieIdentified) -> None:
    patch = changes.movie(event.movie_id)
    patch.ids = event.ids
    if event.ids.tmdb is not None:
        patch.searched, patch.candidates = False, ()
    patch.fields.update(dict.fromkeys(event.dropped))
    patch.completeness, patch.missing = event.completeness.after, event.missing


def _changed(changes: Changes, _: datetime, event: events.MovieChanged) -> None:
    patch = changes.movie(event.movie_id)
    patch.given = (event.title, event.year)
    patch.locked = event.locked
    patch.fields.update(dict.fromkeys(event.cleared))
    patch.fields.update(event.changed)
    patch.completeness, patch.missing = event.completeness.after, event.missing


def _enriched(changes: Changes, _: datetime, event: events.MovieEnriched) -> None:
    patch = changes.movie(event.movie_id)
    patch.fields.update(event.changed)
    patch.partial, patch.providers = event.partial, event.providers
    patch.last_enriched = event.completed_at
    patch.duration = round((event.completed_at - event.started_at).total_seconds(), 1)
    patch.completeness, patch.missing = event.completeness.after, event.missing
    _end_job(changes, event, "completed")


def _failed(changes: Changes, _: datetime, event: events.EnrichmentFailed) -> None:
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


def _cancelled(changes: Changes, _: datetime, event: events.EnrichmentCancelled) -> None:
    _end_job(changes, event, "cancelled", error="Enrichment cancelled", code="cancelled")


def _searched(changes: Changes, _: datetime, event: events.CandidatesFound) -> None:
    patch = changes.movie(event.movie_id)
    patch.candidates, patch.searched = event.candidates, True


def _removed(changes: Changes, _: datetime, event: events.MovieRemoved) -> None:
    changes.movies.pop(event.movie_id, None)
    changes.movie(event.movie_id).removed = True


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


OF_FILMS: Mapping[type[Value], Callable[[Changes, datetime, Any], None]] = {
    events.MovieAdded: _added,
    events.MovieIdentified: _identified,
    events.CandidatesFound: _searched,
    events.MovieChanged: _changed,
    events.MovieRemoved: _removed,
    events.MovieEnriched: _enriched,
    events.EnrichmentFailed: _failed,
    events.EnrichmentCancelled: _cancelled,
}
"""By the type of the event; to ask each of these classes whether it is one of theirs takes longer than what they do."""
