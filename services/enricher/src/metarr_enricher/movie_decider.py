"""What may be said of a film next: pure decisions, each of one event or none."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal, TypeVar

from metarr_contracts import events
from metarr_contracts.answers import ProviderAnswered
from metarr_contracts.commands import Mode, RunPart
from metarr_contracts.fields import FIELDS, USER
from metarr_contracts.library import ChangeMovie
from metarr_contracts.movie import (
    Candidate,
    Completeness,
    ExternalIds,
    FieldValue,
    ProviderOutcome,
)
from metarr_enricher import complete_mode
from metarr_enricher.complete_mode import TROUBLED, anybody_answered, goes_without, why
from metarr_enricher.completeness import completeness, missing
from metarr_enricher.merge import is_empty, merge
from metarr_enricher.movie_state import MovieState
from metarr_enricher.own_values import own_title, own_value
from metarr_enricher.rule_errors import JobEndedError, MovieNotFoundError, RuleError
from metarr_enricher.rules import Rules

Read = TypeVar("Read")


@dataclass(frozen=True)
class FinishedJob:
    """What a refresh has gathered when it is about to end."""

    movie_id: int
    job_id: int
    started_at: datetime
    completed_at: datetime
    providers: Sequence[ProviderOutcome]
    answers: Sequence[ProviderAnswered]
    mode: Mode = "best_effort"
    run: RunPart | None = None

    @property
    def run_id(self) -> int | None:
        """The run over the whole library that it is a part of."""
        return self.run.id if self.run else None


@dataclass(frozen=True)
class NewMovie:
    """A film as a person or a list knows it, checked; `request` names who asked for it."""

    title: str | None
    year: int | None
    ids: ExternalIds
    request: str


def add(state: MovieState, movie_id: int, movie: NewMovie, rules: Rules) -> events.MovieAdded | None:
    """The film comes into the library, once."""
    if state.added:
        return None
    return events.MovieAdded(
        movie_id=movie_id,
        title=movie.title,
        year=movie.year,
        ids=movie.ids,
        request=movie.request,
        missing=missing((), {}, rules),
    )


def identify(
    state: MovieState,
    movie_id: int,
    ids: ExternalIds,
    by: events.IdentifiedBy,
    rules: Rules,
    job_id: int | None = None,
    instead_of: ExternalIds | None = None,
) -> events.MovieIdentified | None:
    """The film has these external ids. What was fetched with one it no longer has goes; locked and own values stay.

    A job says `instead_of` which ids it found them out, so that it does not overrule a person who was faster.
    """
    _require(state)
    if ids == state.ids or instead_of not in (None, state.ids):
        return None
    valid = ids.asked_with()
    dropped = tuple(
        sorted(
            name
            for name, value in state.fields.items()
            if value.asked_with is not None and value.asked_with not in valid and name not in state.locked
        )
    )
    kept = state.fields.keys() - set(dropped)
    outcomes = {} if dropped else state.outcomes
    return events.MovieIdentified(
        movie_id=movie_id,
        ids=ids,
        by=by,
        job_id=job_id,
        dropped=dropped,
        completeness=_change(state, kept, rules),
        missing=missing(kept, outcomes, rules),
    )


def corrected_ids(state: MovieState, *, imdb: str | None, tmdb: int | None) -> ExternalIds:
    """The ids after a person has chosen one: the other stays unless it belonged to the identity that is corrected."""
    if tmdb is not None:
        keep = state.ids.tmdb in (None, tmdb)
        return ExternalIds(imdb=state.ids.imdb if keep else None, tmdb=tmdb)
    keep = state.ids.imdb in (None, imdb)
    return ExternalIds(imdb=imdb, tmdb=state.ids.tmdb if keep else None)


def offer_candidates(
    state: MovieState, movie_id: int, job_id: int, candidates: Sequence[Candidate]
) -> events.CandidatesFound | None:
    """Which films the title may mean; said again only when they are others, and not once it is known which one."""
    said = state.candidates == tuple(found.tmdb_id for found in candidates)
    if said or not state.exists or state.ids.tmdb is not None:
        return None
    return events.CandidatesFound(movie_id=movie_id, job_id=job_id, candidates=tuple(candidates))


def change(state: MovieState, wanted: ChangeMovie, now: datetime, rules: Rules) -> events.MovieChanged | None:
    """A person sets values (null clears), locks and unlocks fields."""
    _require(state)
    _require_fields((*wanted.fields, *wanted.lock, *wanted.unlock))
    title = _checked("title", lambda: wanted.title and own_title(wanted.title))
    fields = {name: _checked(name, partial(own_value, name, value)) for name, value in wanted.fields.items()}
    changed = {
        name: FieldValue(value=value, source=USER, fetched_at=now)
        for name, value in fields.items()
        if not is_empty(name, value)
    }
    cleared = tuple(name for name in fields if name not in changed and name in state.fields)
    locked = tuple(sorted((set(state.locked) | set(wanted.lock)) - set(wanted.unlock)))
    present = (state.fields.keys() - set(cleared)) | changed.keys()
    event = events.MovieChanged(
        movie_id=wanted.movie_id,
        title=title or state.title,
        year=wanted.year if wanted.year is not None else state.year,
        changed=changed,
        cleared=cleared,
        locked=locked,
        completeness=_change(state, present, rules),
        missing=missing(present, state.outcomes, rules),
    )
    same = (event.title, event.year, locked) == (state.title, state.year, state.locked)
    return None if same and not changed and not cleared else event


def remove(state: MovieState, movie_id: int, rules: Rules) -> events.MovieRemoved:
    """The film leaves the library."""
    _require(state)
    return events.MovieRemoved(movie_id=movie_id, ids=state.ids, completeness=completeness(state.fields, rules))


def request_cancel(state: MovieState, job_id: int) -> events.CancelRequested | None:
    """The job is to end; said once."""
    if not state.exists or job_id <= state.ended_job:
        raise JobEndedError
    return None if job_id == state.cancelled_job else events.CancelRequested(job_id=job_id)


def finish(
    state: MovieState, job: FinishedJob, rules: Rules
) -> events.MovieEnriched | events.EnrichmentFailed | events.EnrichmentCancelled | None:
    """How a refresh ends. None: it has ended already, or its film is gone."""
    if not state.exists or job.job_id <= state.ended_job:
        return None
    if state.cancelled_job == job.job_id:
        return events.EnrichmentCancelled(
            movie_id=job.movie_id,
            job_id=job.job_id,
            run_id=job.run_id,
            started_at=job.started_at,
            completed_at=job.completed_at,
        )
    if job.mode == "complete" and (lacking := complete_mode.lacking(job.providers, job.run)):
        return _incomplete(state, job, lacking, rules)
    troubled = any(fared.outcome in TROUBLED for fared in job.providers)
    if troubled and not anybody_answered(job.providers):
        return give_up(state, job, "all_providers_failed", "All providers failed", rules)
    changed = merge(state.fields, job.answers, asked_with=state.ids.asked_with(), locked=state.locked, rules=rules)
    fields = {**state.fields, **changed}
    outcomes = {fared.name: fared.outcome for fared in job.providers}
    return events.MovieEnriched(
        movie_id=job.movie_id,
        job_id=job.job_id,
        run_id=job.run_id,
        started_at=job.started_at,
        completed_at=job.completed_at,
        title=state.title or _text(fields.get("title")),
        year=state.year or _number(fields.get("year")),
        partial=troubled,
        changed=changed,
        providers=tuple(job.providers),
        completeness=_change(state, fields, rules),
        missing=missing(fields, outcomes, rules),
    )


def give_up(
    state: MovieState,
    job: FinishedJob,
    code: Literal["all_providers_failed", "gave_up"],
    error: str,
    rules: Rules,
) -> events.EnrichmentFailed | None:
    """A refresh ends without a result; the film stays as it was."""
    if not state.exists or job.job_id <= state.ended_job:
        return None
    outcomes = {fared.name: fared.outcome for fared in job.providers} or state.outcomes
    return events.EnrichmentFailed(
        movie_id=job.movie_id,
        job_id=job.job_id,
        run_id=job.run_id,
        started_at=job.started_at,
        completed_at=job.completed_at,
        code=code,
        error=error,
        providers=tuple(job.providers),
        missing=missing(state.fields, outcomes, rules),
    )


def _incomplete(
    state: MovieState, job: FinishedJob, lacking: Sequence[ProviderOutcome], rules: Rules
) -> events.EnrichmentFailed:
    """The film is as if it had not been asked about; what was answered is stored and not asked for again."""
    return events.EnrichmentFailed(
        movie_id=job.movie_id,
        job_id=job.job_id,
        run_id=job.run_id,
        started_at=job.started_at,
        completed_at=job.completed_at,
        code="incomplete",
        error=why(lacking),
        # A provider that the run goes on without is no reason, and must not look like one.
        providers=tuple(fared for fared in job.providers if not goes_without(fared, job.run)),
        missing=missing(state.fields, state.outcomes, rules),
    )


def _require(state: MovieState) -> None:
    if not state.exists:
        raise MovieNotFoundError


LONGEST_NAME = 100
"""Characters of what is no field that are shown to whoever named it."""


def _require_fields(names: Iterable[str]) -> None:
    for name in names:
        if name not in FIELDS:
            shown = name[:LONGEST_NAME]
            raise RuleError(f"{shown} is not a field of a film", "unknown_field", shown)


def _checked(name: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except ValueError as error:
        raise RuleError(f"{name}: {error}", "invalid_value", name) from error


def _change(state: MovieState, present: Iterable[str], rules: Rules) -> Completeness:
    return Completeness(before=completeness(state.fields, rules), after=completeness(set(present), rules))


def _text(value: FieldValue | None) -> str | None:
    return value.value if value is not None and isinstance(value.value, str) else None


def _number(value: FieldValue | None) -> int | None:
    return value.value if value is not None and isinstance(value.value, int) else None
