"""What later decisions need to know of a film, folded from its events. Also what a snapshot holds."""

from typing import assert_never

from pydantic import Field

from metarr_contracts import events
from metarr_contracts.base import Utc, Value
from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import ANSWERED, ExternalIds, FieldValue, Outcome, ProviderOutcome, display_title
from metarr_enricher.run_result import JobEnd, RunResult, run_result


class Kept(Value):
    """The last answer of a provider: what it was asked with, when, and how often in a row the same one has come."""

    asked_with: str
    fetched_at: Utc
    vain: int = 0


class RunMark(Value):
    """What became of the film in the last run over the whole library that it was a part of."""

    id: int
    result: RunResult


class MovieState(Value):
    """A film. `ended_job` is the last job that ended: jobs on one film come one after the other, their ids grow."""

    added: bool = False
    removed: bool = False
    title: str | None = None
    year: int | None = None
    ids: ExternalIds = ExternalIds()
    former_ids: tuple[ExternalIds, ...] = Field(default=(), description="Given up; claims perhaps not released yet")
    request: str | None = None
    fields: dict[str, FieldValue] = Field(default_factory=dict)
    locked: tuple[str, ...] = ()
    outcomes: dict[ProviderName, Outcome] = Field(default_factory=dict)
    kept: dict[ProviderName, Kept] = Field(default_factory=dict, description="Answers that are stored")
    run: RunMark | None = None
    run_outcomes: tuple[ProviderOutcome, ...] = Field(default=(), description="How the providers fared in that run")
    candidates: tuple[int, ...] | None = Field(default=None, description="TMDB ids; None: never looked up in vain")
    ended_job: int = 0
    cancelled_job: int = 0

    @property
    def exists(self) -> bool:
        """In the library now."""
        return self.added and not self.removed

    @property
    def shown_title(self) -> str:
        """What the film is called before a person."""
        found = self.fields.get("title")
        return display_title(self.title or (found.value if found and isinstance(found.value, str) else None), self.ids)

    @property
    def shown_year(self) -> int | None:
        """The year that is shown with the title."""
        found = self.fields.get("year")
        return self.year or (found.value if found and isinstance(found.value, int) else None)


INITIAL = MovieState()


def evolve(state: MovieState, event: events.MovieEvent) -> MovieState:  # noqa: PLR0911
    """The film after the event. Never raises: what happened, happened."""
    match event:
        case events.MovieAdded():
            return state.model_copy(
                update={
                    "added": True,
                    "title": event.title,
                    "year": event.year,
                    "ids": event.ids,
                    "request": event.request,
                }
            )
        case events.MovieIdentified():
            return _identified(state, event)
        case events.CandidatesFound():
            return state.model_copy(update={"candidates": tuple(found.tmdb_id for found in event.candidates)})
        case events.MovieChanged():
            kept = {name: value for name, value in state.fields.items() if name not in event.cleared}
            return state.model_copy(
                update={
                    "title": event.title,
                    "year": event.year,
                    "fields": {**kept, **event.changed},
                    "locked": event.locked,
                }
            )
        case events.MovieRemoved():
            return state.model_copy(update={"removed": True})
        case events.MovieEnriched():
            return _ended(state, event).model_copy(
                update={
                    "fields": {**state.fields, **event.changed},
                    "outcomes": {fared.name: fared.outcome for fared in event.providers},
                    "kept": _kept(state, event),
                }
            )
        case events.EnrichmentFailed():
            told = {fared.name: fared.outcome for fared in event.providers} if event.code != "incomplete" else {}
            return _ended(state, event).model_copy(
                update={"outcomes": told or state.outcomes, "kept": _kept(state, event)}
            )
        case events.EnrichmentCancelled():
            return _ended(state, event)
        case events.CancelRequested():
            return state.model_copy(update={"cancelled_job": max(state.cancelled_job, event.job_id)})
        case _:
            assert_never(event)


def _identified(state: MovieState, event: events.MovieIdentified) -> MovieState:
    fields = {name: value for name, value in state.fields.items() if name not in event.dropped}
    # Gone with the values that came of them: else a film that gets its old id back would stay empty.
    kept = {name: answer for name, answer in state.kept.items() if answer.asked_with in event.ids.asked_with()}
    former = (*state.former_ids, state.ids) if state.ids != event.ids else state.former_ids
    return state.model_copy(
        update={
            "ids": event.ids,
            "fields": fields,
            "kept": kept,
            "former_ids": former[-5:],
            "outcomes": {} if event.dropped else state.outcomes,
            "candidates": None if event.ids.tmdb else state.candidates,
        }
    )


def _ended(state: MovieState, event: JobEnd) -> MovieState:
    ended = state.model_copy(update={"ended_job": max(state.ended_job, event.job_id)})
    if event.run_id is None:
        return ended
    outcomes = () if isinstance(event, events.EnrichmentCancelled) else event.providers
    mark = RunMark(id=event.run_id, result=run_result(event))
    return ended.model_copy(update={"run": mark, "run_outcomes": outcomes})


def _kept(state: MovieState, event: events.MovieEnriched | events.EnrichmentFailed) -> dict[ProviderName, Kept]:
    # An event of the first version does not tell what was asked with: that answer is as if it had not been given.
    answered = {
        fared.name: Kept(asked_with=fared.asked_with, fetched_at=fared.fetched_at, vain=fared.vain)
        for fared in event.providers
        if fared.outcome in ANSWERED and fared.asked_with is not None and fared.fetched_at is not None
    }
    return state.kept | answered
