"""What single events do to the rows."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.metarr_projector.tables import Tables

from metarr_contracts import events
from metarr_contracts.base import Value
from metarr_contracts.movie import Candidate, Completeness, ExternalIds, FieldValue, ProviderOutcome
from metarr_contracts.readmodels import LastJob
from metarr_projector.decoding import Received, Recorded, Undecodable
from metarr_projector.fold import FilmUnknownError, fold
from metarr_projector.patches import Changes, DeadEvent, JobPatch, MoviePatch, ProviderPatch

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
LATER = NOW + timedelta(seconds=2, milliseconds=340)
PLOT = FieldValue(value="A hacker learns the truth", source="tmdb", fetched_at=NOW)
MATRIX = ExternalIds(imdb="tt0133093", tmdb=603)


def _fold(*told: Value) -> Changes:
    message = Received(1, "metarr.evt.movie.1", {}, b"")
    return fold(Recorded(message, "id", NOW, event) for event in told)


def _added(ids: ExternalIds = MATRIX) -> events.MovieAdded:
    return events.MovieAdded(movie_id=1, title="The Matrix", year=1999, ids=ids, request="r", missing=())


def _enriched(**changes: object) -> events.MovieEnriched:
    told = {
        "movie_id": 1,
        "job_id": 9,
        "started_at": NOW,
        "completed_at": LATER,
        "partial": False,
        "changed": {"plot": PLOT},
        "providers": (ProviderOutcome(name="tmdb", outcome="found"),),
        "completeness": Completeness(before=0, after=5),
        "missing": (),
    }
    return events.MovieEnriched.model_validate({**told, **changes})


def _identified(ids: ExternalIds, *dropped: str) -> events.MovieIdentified:
    return events.MovieIdentified(
        movie_id=1, ids=ids, by="user", dropped=dropped, completeness=Completeness(before=5, after=0), missing=()
    )


def test_added_film_starts_empty() -> None:
    """A film comes in with completeness 0, nothing locked, nothing looked up, at the time of its event."""
    assert _fold(_added()).movies == {
        1: MoviePatch(
            1,
            added_at=NOW,
            given=("The Matrix", 1999),
            ids=MATRIX,
            completeness=0,
            missing=(),
            searched=False,
            candidates=(),
            locked=(),
        )
    }


def test_enriched_film_and_its_job() -> None:
    """A refresh sets values, outcome and duration, and makes the row of its job."""
    changes = _fold(_enriched(partial=True))
    assert changes.movies[1] == MoviePatch(
        1,
        completeness=5,
        missing=(),
        partial=True,
        providers=(ProviderOutcome(name="tmdb", outcome="found"),),
        last_enriched=LATER,
        duration=2.3,
        last_job=LastJob(job_id=9, state="completed", completed_at=LATER),
        fields={"plot": PLOT},
    )
    assert changes.jobs[9] == JobPatch(
        9, "enrichment", "completed", movie_id=1, progress=100, started_at=NOW, completed_at=LATER
    )


def test_failed_refresh_keeps_what_was_known() -> None:
    """A failure changes no value and no completeness; it says which providers were limited or broke."""
    failed = events.EnrichmentFailed(
        movie_id=1,
        job_id=9,
        started_at=NOW,
        completed_at=LATER,
        code="all_providers_failed",
        error="All providers failed",
        providers=(ProviderOutcome(name="omdb", outcome="quota_exhausted"),),
        missing=(),
    )
    patch = _fold(failed).movies[1]
    assert (patch.completeness, patch.last_enriched, patch.fields) == (None, None, {})
    assert (patch.partial, patch.providers) == (True, failed.providers)
    assert patch.last_job == LastJob(job_id=9, state="failed", completed_at=LATER, error="All providers failed")


def test_refresh_given_up_without_asking_keeps_outcomes() -> None:
    """A failure that names no provider leaves the outcomes of the refresh before."""
    failed = events.EnrichmentFailed(
        movie_id=1, job_id=9, started_at=NOW, completed_at=LATER, code="gave_up", error="x", providers=(), missing=()
    )
    patch = _fold(failed).movies[1]
    assert (patch.partial, patch.providers) == (None, None)


def test_cancelled_refresh_only_ends_its_job() -> None:
    """A cancelled refresh leaves the film as it is."""
    cancelled = events.EnrichmentCancelled(movie_id=1, job_id=9, started_at=NOW, completed_at=LATER)
    changes = _fold(cancelled)
    expected = LastJob(job_id=9, state="cancelled", completed_at=LATER, error="Enrichment cancelled")
    assert changes.movies[1] == MoviePatch(1, last_job=expected)
    assert changes.jobs[9].state == "cancelled"


def test_dropped_value_that_comes_back_is_set() -> None:
    """Within a batch the last word on a field counts."""
    changes = _fold(_enriched(), _identified(MATRIX, "plot", "tagline"), _enriched())
    assert changes.movies[1].fields == {"plot": PLOT, "tagline": None}


def test_tmdb_id_ends_the_choice() -> None:
    """Candidates go as soon as the film has a TMDB id, and stay with an IMDb id alone."""
    found = events.CandidatesFound(movie_id=1, job_id=9, candidates=(Candidate(tmdb_id=603, title="The Matrix"),))
    chosen = _fold(found, _identified(MATRIX)).movies[1]
    assert (chosen.searched, chosen.candidates) == (False, ())
    open_still = _fold(found, _identified(ExternalIds(imdb="tt0133093"))).movies[1]
    assert (open_still.searched, open_still.candidates) == (True, found.candidates)


def test_changed_film() -> None:
    """A person's values are set, cleared ones go, and the list of locks is replaced."""
    changed = events.MovieChanged(
        movie_id=1,
        title="Matrix",
        year=None,
        changed={"plot": PLOT},
        cleared=("tagline",),
        locked=("plot",),
        completeness=Completeness(before=60, after=90),
        missing=(),
    )
    changes = _fold(changed)
    patch = changes.movies[1]
    assert (patch.given, patch.locked, patch.fields) == (("Matrix", None), ("plot",), {"plot": PLOT, "tagline": None})
    assert patch.completeness == 90


def test_removed_film_leaves_nothing() -> None:
    """Removal takes back what the batch said before."""
    removed = events.MovieRemoved(movie_id=1, ids=MATRIX, completeness=5)
    changes = _fold(_added(), _enriched(), removed)
    assert changes.movies == {1: MoviePatch(1, removed=True)}


def test_what_was_said_of_a_film_before_it_was_added() -> None:
    """Counts only if the film has a row: so it is not told together with its addition, unless it is removed between."""
    with pytest.raises(FilmUnknownError):
        _fold(_enriched(), _added())
    removed = events.MovieRemoved(movie_id=1, ids=MATRIX, completeness=5)
    assert _fold(_enriched(), removed, _added()).movies[1].removed


def test_rejected_command_for_a_film() -> None:
    """A rejected command is a failed job, ended at the time of its event."""
    rejected = events.CommandRejected(
        job_id=9, kind="enrichment", movie_id=4, code="movie_not_found", error="Movie not found"
    )
    changes = _fold(rejected)
    assert changes.jobs[9] == JobPatch(
        9, "enrichment", "failed", movie_id=4, completed_at=NOW, error="Movie not found", code="movie_not_found"
    )
    assert changes.movies[4].last_job is not None


def test_import_from_start_to_end() -> None:
    """An import starts with its first chunk, counts rows in percent and keeps each noted row once."""
    noted = events.ImportedRow(row=3, result="conflict")
    again = events.ImportedRow(row=3, result="rejected")
    counts = events.ImportCounts(added=2, conflict=1)
    chunk = events.ImportProgressed(
        job_id=9, chunk=1, processed=3, total=7, counts=counts, noted=(noted, again), at=NOW
    )
    running = _fold(chunk)
    assert running.jobs[9] == JobPatch(
        9, "import", "running", progress=42, started_at=NOW, processed=3, total=7, counts=counts
    )
    assert running.import_rows == {(9, 3): again}
    ended = _fold(chunk, events.ImportCancelled(job_id=9, completed_at=LATER)).jobs[9]
    assert (ended.state, ended.progress, ended.started_at, ended.completed_at) == ("cancelled", 42, NOW, LATER)


def test_provider_keeps_its_switch() -> None:
    """Pauses and refusals do not switch a provider on or off; configuring it lifts them."""
    on = events.ProviderConfigured(provider="omdb", on=True, key_fingerprint="a", at=NOW)
    refused = events.ProviderKeyRefused(provider="omdb", message="Invalid API key!", at=LATER)
    assert _fold(on, refused).providers == [
        ProviderPatch("omdb", "none", NOW, configured=True, key="a"),
        ProviderPatch("omdb", "key_refused", LATER, reason="Invalid API key!"),
    ]


def _learned(*told: Value) -> int | None:
    tables = Tables()
    tables.apply(_fold(*told))
    return tables.providers["omdb"].learned


def test_learned_quota() -> None:
    """The most that was met within a week counts while the key is the same, however often the provider pauses."""
    on = events.ProviderConfigured(provider="omdb", on=True, key_fingerprint="a", at=NOW)
    used_up = events.ProviderPaused(
        provider="omdb", reason="quota", until=LATER, message="Limit", at=NOW, requests=1_000
    )
    failing = events.ProviderPaused(provider="omdb", reason="failures", until=LATER, message="Down", at=NOW)
    resumed = events.ProviderResumed(provider="omdb", at=LATER)
    assert _fold(used_up).providers[0].condition == "quota_used_up"
    assert _fold(failing).providers[0].condition == "paused"
    assert _learned(on, used_up, resumed, failing, on) == 1_000
    less = used_up.model_copy(update={"requests": 400})
    assert _learned(on, used_up, less) == 1_000
    assert _learned(on, used_up, less.model_copy(update={"at": NOW + timedelta(days=7)})) == 400
    assert _learned(on, used_up, on.model_copy(update={"key_fingerprint": "b"})) is None
    assert _learned(on, used_up, on.model_copy(update={"key_fingerprint": "b"}), on) is None


def test_film_that_a_run_puts_off_stays_as_it_was() -> None:
    """An incomplete refresh is known to its job alone."""
    failed = events.EnrichmentFailed(
        movie_id=1,
        job_id=9,
        run_id=7,
        started_at=NOW,
        completed_at=LATER,
        code="incomplete",
        error="OMDb did not answer",
        providers=(ProviderOutcome(name="omdb", outcome="quota_exhausted"),),
        missing=(),
    )
    changes = _fold(failed)
    assert changes.movies == {}
    assert changes.jobs[9] == JobPatch(
        9,
        "enrichment",
        "failed",
        movie_id=1,
        started_at=NOW,
        completed_at=LATER,
        error="OMDb did not answer",
        code="incomplete",
    )


def test_events_that_no_row_shows() -> None:
    """Claims and requests to cancel change nothing."""
    told = (events.ClaimTaken(kind="tmdb", id="603", movie_id=1), events.CancelRequested(job_id=9))
    assert _fold(*told) == Changes()


def test_dead_event_is_remembered() -> None:
    """A message that cannot be read becomes a row and stops nothing."""
    message = Received(5, "metarr.evt.movie.1", {"ce-type": "metarr.movie.sung.v1"}, b"")
    changes = fold([Undecodable(message, "unknown message type")])
    assert changes.dead == [DeadEvent(5, "metarr.evt.movie.1", "metarr.movie.sung.v1", "unknown message type")]
