"""The film as it is folded from its events: total, and the same however the history is cut."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.metarr_enricher import films
from tests.unit.metarr_enricher.films import ADDED, MATRIX, NOW, OTHER, field_values, value

from metarr_contracts import events
from metarr_contracts.fields import PROVIDERS
from metarr_contracts.movie import Candidate, Completeness, ExternalIds, ProviderOutcome
from metarr_enricher.movie_state import INITIAL, MovieState, evolve

COMPLETENESS = Completeness(before=0, after=0)
USUAL = {
    "movie_id": 1,
    "title": "A",
    "year": 1999,
    "ids": MATRIX,
    "request": "add/1/1",
    "by": "lookup",
    "completeness": COMPLETENESS,
    "missing": (),
    "started_at": NOW,
    "completed_at": NOW,
    "partial": False,
    "code": "gave_up",
    "error": "A",
}
JOBS = st.integers(1, 9)
RUNS = st.none() | JOBS
CODES = st.sampled_from(("all_providers_failed", "gave_up", "incomplete"))
VALUES = st.dictionaries(st.sampled_from(("plot", "runtime", "poster")), field_values(), max_size=3)
NAMES = st.lists(st.sampled_from(("plot", "runtime", "poster")), max_size=3).map(tuple)
IDS = st.sampled_from((ExternalIds(), MATRIX, OTHER, ExternalIds(tmdb=603)))
FARED = st.lists(
    st.builds(
        ProviderOutcome,
        name=st.sampled_from(PROVIDERS),
        outcome=st.sampled_from(("found", "not_found", "unavailable")),
        fetched_at=st.just(NOW),
        limited_until=st.none(),
        asked_with=st.sampled_from((None, "imdb:tt0133093", "tmdb:603", "tmdb:7")),
    ),
    max_size=3,
).map(tuple)
CANDIDATES = st.lists(st.builds(Candidate, tmdb_id=st.integers(1, 3), title=st.just("A")), max_size=2).map(tuple)


def made(model: type[events.MovieEvent], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[events.MovieEvent]:
    """Events of one kind; what is not named is as it always is in these tests."""
    return st.fixed_dictionaries(parts).map(lambda drawn: model.model_validate(USUAL | drawn))


EVENTS = st.one_of(
    made(events.MovieAdded, ids=IDS),
    made(events.MovieIdentified, ids=IDS, dropped=NAMES),
    made(events.CandidatesFound, job_id=JOBS, candidates=CANDIDATES),
    made(events.MovieChanged, changed=VALUES, cleared=NAMES, locked=NAMES),
    made(events.MovieRemoved, completeness=st.just(0)),
    made(events.MovieEnriched, job_id=JOBS, run_id=RUNS, changed=VALUES, providers=FARED),
    made(events.EnrichmentFailed, job_id=JOBS, run_id=RUNS, code=CODES, providers=FARED),
    made(events.EnrichmentCancelled, job_id=JOBS, run_id=RUNS),
    made(events.CancelRequested, job_id=JOBS),
)


@given(st.lists(EVENTS, max_size=12))
def test_what_happened_happened(history: list[events.MovieEvent]) -> None:
    """Folding never raises, whatever the order, and jobs' ends and removal are never taken back."""
    state = INITIAL
    for event in history:
        after = evolve(state, event)
        assert after.ended_job >= state.ended_job
        assert after.cancelled_job >= state.cancelled_job
        assert after.removed >= state.removed
        assert after.run or not state.run
        state = after


@given(st.lists(EVENTS, max_size=12), st.integers(0, 12))
def test_a_snapshot_stands_for_its_events(history: list[events.MovieEvent], cut: int) -> None:
    """State written as JSON in the middle of the history and read back leads to the same film."""
    snapshot = MovieState.model_validate_json(films.given(*history[:cut]).to_json())
    assert films.given(*history[cut:], state=snapshot) == films.given(*history)


def test_a_film_that_was_added_and_not_removed_exists() -> None:
    """Only then does it exist."""
    removed = events.MovieRemoved(movie_id=1, ids=MATRIX, completeness=0)
    assert [films.given(*history).exists for history in ([], [ADDED], [ADDED, removed])] == [False, True, False]


def _identified(ids: ExternalIds, *dropped: str) -> events.MovieIdentified:
    return events.MovieIdentified(
        movie_id=1, ids=ids, by="user", dropped=dropped, completeness=COMPLETENESS, missing=()
    )


def test_an_identification_drops_values_and_remembers_the_ids_given_up() -> None:
    """The claims of given up ids may not be released yet, so they are remembered."""
    changed = events.MovieChanged(
        movie_id=1,
        title="A",
        year=None,
        changed={"plot": value("A"), "poster": value("B")},
        cleared=(),
        locked=(),
        completeness=COMPLETENESS,
        missing=(),
    )
    state = films.given(ADDED, changed, _identified(OTHER, "plot"))
    assert (state.ids, state.former_ids, list(state.fields)) == (OTHER, (MATRIX,), ["poster"])


@pytest.mark.parametrize(("ids", "left"), [(ExternalIds(tmdb=603), None), (ExternalIds(imdb="tt0133093"), (7,))])
def test_candidates_go_when_the_film_has_its_tmdb_id(ids: ExternalIds, left: tuple[int, ...] | None) -> None:
    """An IMDb id alone does not answer which film at TMDB it is."""
    found = events.CandidatesFound(movie_id=1, job_id=1, candidates=(Candidate(tmdb_id=7, title="A"),))
    assert films.given(ADDED, found, _identified(ids)).candidates == left
