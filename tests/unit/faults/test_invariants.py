"""Each invariant holds for what is right and names what is wrong."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.harness.invariants import INVARIANTS, violations
from tests.faults.harness.observed import Answered, Asked, Dead, Fact, Forced, Observed, Stored, Undone, Watched

from metarr_contracts import bulk, events
from metarr_contracts.answers import ProviderAnswered
from metarr_contracts.base import Value
from metarr_contracts.movie import Completeness, ExternalIds, FieldValue, MissingField, ProviderOutcome

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
IDS = ExternalIds(imdb="tt20000000", tmdb=30_000_000)
FULL = Completeness(before=0, after=100)
PLOT = FieldValue(value="A plot", source="tmdb", fetched_at=NOW)
MINE = FieldValue(value="My plot", source="user", fetched_at=NOW)
ADDED = events.MovieAdded(movie_id=1, title="A", year=None, ids=IDS, request="r", missing=())
ENRICHED = events.MovieEnriched(
    movie_id=1,
    job_id=1,
    started_at=NOW,
    completed_at=NOW,
    partial=False,
    changed={"plot": PLOT},
    providers=(ProviderOutcome(name="tmdb", outcome="found"),),
    completeness=FULL,
    missing=(),
)
CHANGED = events.MovieChanged(
    movie_id=1,
    title="A",
    year=None,
    changed={"plot": MINE},
    cleared=(),
    locked=("plot",),
    completeness=FULL,
    missing=(),
)
RUN: dict[str, Any] = {"job_id": 2, "attempt": 1, "cursor": 1, "providers": ()}
STARTED = bulk.BulkStarted(
    **RUN,
    trigger="manual",
    scheduled_for=None,
    force=False,
    asked_since=NOW,
    started_at=NOW,
    highest=1,
    counts=bulk.RunCounts(total=1, remaining=1),
    current=bulk.RunMovie(id=1, title="A"),
)
ENDED = bulk.BulkEnded(
    **RUN, completed_at=NOW, status="completed", counts=bulk.RunCounts(total=1, processed=1, remaining=0)
)
PART = ENRICHED.model_copy(update={"job_id": 3, "run_id": 2, "changed": {}})
ANSWER = ProviderAnswered(
    provider="omdb", movie_id=1, job_id=1, asked_with="imdb:tt20000000", outcome="found", fetched_at=NOW
)
REAL = 1_000.0
AGAIN = Asked("omdb", "tt20000000", NOW + timedelta(seconds=60), REAL + 60)


def told(*bodies: Value | None) -> Sequence[Fact]:
    """Facts with these bodies."""
    return [Fact(seq, str(seq), "metarr.evt.movie.1", body) for seq, body in enumerate(bodies, 1)]


GOOD = Observed(
    commands=3,
    queued=0,
    accepted=[1, 2],
    facts=told(ADDED, ENRICHED, STARTED, PART, ENDED),
    asked=[replace(AGAIN, real=REAL - 1, at=NOW)],
    stored=[Stored(ANSWER, REAL)],
    dead=[],
    answers=[Answered("GET", "/", 500, "database_error", 0.1)],
    watched=[Watched("client 0", {1: 3}, 2)],
    shown={1: {"fields": {"plot": {"value": "A plot"}}}},
    rows=("a\nb", "a\nb"),
)


def violated(**changes: Any) -> list[str]:
    """The names of what is violated when this is seen instead."""
    return list(violations(replace(GOOD, **changes)))


def facts(*bodies: Value) -> dict[str, Any]:
    """What is seen when there are these facts alone."""
    return {"facts": told(*bodies), "commands": 0, "accepted": [], "watched": [], "shown": {}}


def test_all_hold_where_all_is_well() -> None:
    """A film was added, refreshed by hand, and done in a run."""
    assert violations(GOOD) == {}


def test_each_command_has_one_end() -> None:
    """Neither none nor two, and none is left."""
    assert violated(commands=4) == ["one_end_each"]
    assert "one_end_each" in violated(facts=told(ADDED, ENRICHED, ENRICHED, STARTED, PART, ENDED))
    assert violated(queued=1) == ["one_end_each"]
    assert violated(accepted=[9]) == ["one_end_each"]


def test_what_a_restored_backup_has_undone_has_no_end() -> None:
    """Its ids are not given again, and what was asked for meanwhile is forgotten."""
    undone = [Undone(after_job=3, last_job=1_000_003, began=REAL + 50, ended=REAL + 70)]
    assert violated(commands=1_000_003, accepted=[1, 2, 5], undone=undone, asked=[AGAIN]) == []
    assert violated(commands=1_000_003, undone=[replace(undone[0], after_job=4)]) == ["one_end_each"]
    assert violated(commands=1_000_003, accepted=[1, 2, 5, 5], undone=undone) == ["one_end_each"]
    assert replace(GOOD, commands=1_000_003, undone=undone).jobs == 3


def test_nothing_is_erased() -> None:
    """Neither by an empty value nor by silence; a person may."""
    lost = MissingField(field="plot", reason="not_provided", providers=("tmdb",))
    missing = ENRICHED.model_copy(update={"changed": {}, "missing": (lost,)})
    empty = ENRICHED.model_copy(update={"changed": {"plot": replace(PLOT, value="")}})
    cleared = CHANGED.model_copy(update={"changed": {}, "cleared": ("plot",), "locked": ()})
    assert "nothing_erased" in violated(**facts(ADDED, ENRICHED, missing))
    assert "nothing_erased" in violated(**facts(ADDED, empty))
    assert "nothing_erased" not in violated(**facts(ADDED, ENRICHED, cleared, missing))


def test_locks_hold() -> None:
    """Only from the moment on at which the field was locked."""
    assert "locks_hold" in violated(**facts(ADDED, CHANGED, ENRICHED))
    assert "locks_hold" not in violated(**facts(ADDED, ENRICHED, CHANGED))


def test_what_is_shown_was_told() -> None:
    """Every film and every value, and no other."""
    assert violated(shown={1: {"fields": {}}}) == ["shown_as_told"]
    assert violated(shown={}) == ["shown_as_told"]


def test_totals_are_those_of_the_films() -> None:
    """And a run begins once and ends once."""
    more = ENDED.model_copy(update={"counts": bulk.RunCounts(total=1, skipped=1, remaining=0)})
    assert violated(facts=told(ADDED, ENRICHED, STARTED, PART, more)) == ["totals_add_up"]
    assert "totals_add_up" in violated(facts=told(ADDED, ENRICHED, STARTED, STARTED, PART, ENDED))
    assert "totals_add_up" in violated(facts=told(ADDED, ENRICHED, STARTED, PART))


def test_who_takes_a_run_over_counts_anew() -> None:
    """A film may have been removed meanwhile; nobody else changes the total."""
    more = bulk.RunCounts(total=2, remaining=2)
    begun = STARTED.model_copy(update={"counts": more})
    taken_over = ENDED.model_copy(update={"attempt": 2})
    assert violated(facts=told(ADDED, ENRICHED, begun, PART, taken_over)) == []
    assert violated(facts=told(ADDED, ENRICHED, begun, PART, ENDED)) == ["totals_add_up"]


def test_a_film_that_is_removed_in_a_run_may_be_left_out() -> None:
    """Who takes the run over does not see it any more; one that is removed later counts."""
    removed = events.MovieRemoved(movie_id=1, ids=IDS, completeness=100)
    none = ENDED.model_copy(update={"attempt": 2, "counts": bulk.RunCounts(total=0, remaining=0)})
    seen: dict[str, Any] = {"watched": [], "shown": {}}
    assert violated(facts=told(ADDED, ENRICHED, STARTED, PART, removed, none), **seen) == []
    assert violated(facts=told(ADDED, ENRICHED, STARTED, PART, none, removed), **seen) == ["totals_add_up"]


def test_a_film_that_is_done_again_after_its_run_does_not_count() -> None:
    """Somebody has sent its command again."""
    late = PART.model_copy(update={"job_id": 4})
    seen = violated(facts=told(ADDED, ENRICHED, STARTED, PART, ENDED, late), commands=4, watched=[])
    assert seen == []


def test_a_night_is_run_once() -> None:
    """By whichever scheduler."""
    night = STARTED.model_copy(update={"scheduled_for": NOW})
    other = night.model_copy(update={"job_id": 5})
    assert "nights_once" in violated(**facts(night, other))


def test_an_event_is_stored_once() -> None:
    """The server drops what it is sent again."""
    twice = [*GOOD.facts, replace(GOOD.facts[0], seq=9, body=None), replace(GOOD.facts[0], seq=10)]
    assert violated(facts=twice) == ["stored_once"]


def test_rows_are_those_of_a_rebuild() -> None:
    """Line by line."""
    assert violated(rows=("a\nb", "a\nc")) == ["same_as_rebuilt"]


def test_fresh_answers_are_not_asked_for_again() -> None:
    """Unless they are old, forced, spoilt, or could not be known."""
    assert violated(asked=[AGAIN]) == ["nothing_asked_again"]
    assert violated(asked=[replace(AGAIN, at=NOW + timedelta(days=7))]) == []
    assert violated(asked=[replace(AGAIN, real=REAL + 0.5)]) == []
    assert violated(asked=[AGAIN], forced=[Forced(1, REAL + 1, REAL + 2)]) == []
    assert violated(asked=[AGAIN], forced=[Forced(1, REAL - 9, REAL - 8)]) == ["nothing_asked_again"]
    assert violated(asked=[AGAIN], poisoned=frozenset({"metarr.ans.omdb.1"})) == []
    assert violated(asked=[AGAIN], in_limbo=1) == []


def test_values_are_the_film_s_own() -> None:
    """Not those of whatever a lying provider tells of."""
    assert violated(lies=frozenset({"A plot"})) == ["no_lies"]


def test_clients_know_the_last_ends() -> None:
    """Of films and of runs; what a run has put off is nobody's concern."""
    assert violated(watched=[Watched("client 0", {1: 1}, 2)]) == ["watchers_know"]
    assert violated(watched=[Watched("client 0", {1: 3}, 0)]) == ["watchers_know"]
    put_off = events.EnrichmentFailed(
        movie_id=1,
        job_id=4,
        run_id=2,
        started_at=NOW,
        completed_at=NOW,
        code="incomplete",
        error="",
        providers=(),
        missing=(),
    )
    assert violated(facts=[*GOOD.facts, Fact(9, "9", "", put_off)], commands=4) == []


def test_dead_letters_are_deserved() -> None:
    """By poison, or by failing until nobody tries any more."""
    assert violated(dead=[Dead("metarr.cmd.enrich.1", 1, "why")]) == ["dead_letters_deserved"]
    assert violated(dead=[Dead("metarr.cmd.enrich.1", 5, "why")]) == []
    assert violated(dead=[Dead("metarr.cmd.enrich.1", 1, "")], poisoned=frozenset({"metarr.cmd.enrich.1"})) == []


def test_all_are_ready_soon_and_nobody_has_ended() -> None:
    """Half a minute after the last fault."""
    assert violated(ready_seconds=31.0) == ["ready_in_time"]
    assert violated(ready_seconds=None) == ["ready_in_time"]
    assert violated(ended={"scheduler": "why"}) == ["nobody_ended"]


def test_memory_does_not_grow() -> None:
    """From the second cycle on by no more than a tenth."""
    assert violated(memory={"enricher": [50, 100, 120, 110]}) == []
    assert violated(memory={"enricher": [50, 100, 111]}) == ["memory_is_bounded"]


def test_errors_are_expected() -> None:
    """A service that logs where an error came from did not know it."""
    assert violated(raised=["enricher: command failed: ValueError"]) == ["nothing_unexpected"]


def test_a_person_hears_of_no_internal_error() -> None:
    """What is away is said."""
    assert violated(answers=[Answered("GET", "/", 500, "internal_error", 0.1)]) == ["answers_documented"]


def test_every_invariant_says_what_it_means() -> None:
    """The report shows the names; the sentences are here."""
    assert all(holds.__doc__ for holds in INVARIANTS.values())
