"""What must hold after every run, whatever was done to the system. Each rule is a function from facts to violations.

No IO. `INVARIANTS` is the one table; what a rule returns are sentences that name what is wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

from tests.faults.harness.observed import Asked, Observed, Stored
from tests.terminal import TERMINAL

from metarr_contracts import bulk, events, streams, subjects
from metarr_contracts.movie import ExternalIds

READY_SECONDS = 30.0
FRESH = timedelta(days=7)
LATE_SECONDS = 1.0
"""An answer that was stored so shortly before a request could not be known to who sent it."""
MEMORY_GROWTH = 1.1
REFUSALS = frozenset(
    {"database_error", "bus_unavailable", "projector_unavailable", "queue_unavailable", "start_failed"}
)
"""Codes of the answers 500 that a person may get while something is away."""
SERVER_ERROR = 500
FILM_ENDS = (events.MovieEnriched, events.EnrichmentFailed, events.EnrichmentCancelled)


@dataclass
class Film:
    """A film as its facts tell it, without the product's own fold."""

    ids: ExternalIds = field(default_factory=ExternalIds)
    fields: dict[str, Any] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    last_job: int = 0
    exists: bool = True


def one_end_each(seen: Observed) -> Iterator[str]:
    """Every command that was stored ends in exactly one terminal event, and so does every job that was answered 202.

    What a restored backup has undone has none, and its ids are never given again.
    """
    ends = Counter(fact.body.job_id for fact in seen.facts if isinstance(fact.body, TERMINAL))
    for job in range(1, seen.commands + 1):
        undone = any(restored.after_job < job <= restored.last_job for restored in seen.undone)
        if ends[job] > 1 or (ends[job] == 0 and not undone):
            yield f"job {job} has {ends[job]} ends"
    yield from (f"job {job} was given {often} times" for job, often in Counter(seen.accepted).items() if often > 1)
    yield from (f"job {job} was accepted and never stored" for job in seen.accepted if job > seen.commands)
    if seen.queued:
        yield f"{seen.queued} commands are left in the queue"


def nothing_erased(seen: Observed) -> Iterator[str]:
    """No field that was set becomes empty, except by a person or by another identity."""
    for seq, film, body in _films(seen):
        if isinstance(body, events.MovieEnriched):
            yield from (
                f"event {seq}: {name} of film {body.movie_id} is set to nothing"
                for name, value in body.changed.items()
                if value.value in (None, "", [])
            )
        if isinstance(body, events.MovieEnriched | events.EnrichmentFailed):
            yield from (
                f"event {seq}: {missing.field} of film {body.movie_id} is missing, and was set"
                for missing in body.missing
                if missing.field in film.fields
            )


def locks_hold(seen: Observed) -> Iterator[str]:
    """A locked field never changes but by a person."""
    for seq, film, body in _films(seen, before=True):
        if isinstance(body, events.MovieEnriched):
            touched = set(body.changed)
        elif isinstance(body, events.MovieIdentified):
            touched = set(body.dropped)
        else:
            continue
        for name in sorted(touched & film.locked):
            yield f"event {seq}: {name} of film {body.movie_id} was locked, and changed"


def shown_as_told(seen: Observed) -> Iterator[str]:
    """The API shows exactly the films and the values that the facts tell."""
    films = _last(seen)
    there = {movie_id for movie_id, film in films.items() if film.exists}
    if there != seen.shown.keys():
        yield f"films {sorted(there ^ seen.shown.keys())} are shown and not there, or there and not shown"
    for movie_id in sorted(there & seen.shown.keys()):
        shown = {name: told["value"] for name, told in seen.shown[movie_id]["fields"].items()}
        for name in sorted(shown.keys() | films[movie_id].fields.keys()):
            if shown.get(name) != films[movie_id].fields.get(name):
                yield f"film {movie_id}: {name} is shown as {shown.get(name)!r}"


def totals_add_up(seen: Observed) -> Iterator[str]:
    """A run begins once and ends once, at the end; its counts never fall, and are those of its films."""
    runs: dict[int, list[bulk.BulkEvent]] = defaultdict(list)
    done: dict[int, set[int]] = defaultdict(set)
    removed: dict[int, set[int]] = defaultdict(set)
    for fact in seen.facts:
        if isinstance(fact.body, bulk.BulkEvent):
            runs[fact.body.job_id].append(fact.body)
        elif isinstance(fact.body, events.MovieEnriched) and fact.body.run_id is not None:
            told = runs.get(fact.body.run_id, [])
            # A command of a run that is sent again when the run is over is done again, and no part of the run.
            if not told or not isinstance(told[-1], bulk.BulkEnded):
                done[fact.body.run_id].add(fact.body.movie_id)
        elif isinstance(fact.body, events.MovieRemoved):
            for job, told in runs.items():
                if not isinstance(told[-1], bulk.BulkEnded):
                    removed[job].add(fact.body.movie_id)
    for job, told in runs.items():
        yield from (f"run {job}: {problem}" for problem in _run(told, done[job], removed[job]))


def _run(told: list[bulk.BulkEvent], done: set[int], removed: set[int]) -> Iterator[str]:
    if [isinstance(one, bulk.BulkStarted) for one in told].count(True) != 1:
        yield "it did not begin once"
    if [isinstance(one, bulk.BulkEnded) for one in told] != [False] * (len(told) - 1) + [True]:
        yield "it did not end once, at its end"
    for one, other in pairwise(told):
        earlier, later = one.counts, other.counts
        # Who takes a run over counts the films anew: some may have been removed since.
        lost = later.total != earlier.total and one.attempt == other.attempt
        if lost or later.processed < earlier.processed or later.failed < earlier.failed:
            yield f"its counts went from {earlier} to {later}"
    if told[-1].counts.remaining:
        yield f"{told[-1].counts.remaining} films remained"
    # Who takes a run over knows nothing of a film that was done, not told of, and removed.
    if not len(done - removed) <= told[-1].counts.processed <= len(done):
        yield f"{told[-1].counts.processed} films were counted as processed, {len(done)} were"


def stored_once(seen: Observed) -> Iterator[str]:
    """No event is stored twice."""
    often = Counter(fact.id for fact in seen.facts if fact.body is not None)
    yield from (f"event {event_id} is stored {times} times" for event_id, times in often.items() if times > 1)


def nights_once(seen: Observed) -> Iterator[str]:
    """A night that is due is run once."""
    nights = Counter(fact.body.scheduled_for for fact in seen.facts if isinstance(fact.body, bulk.BulkStarted))
    for night, often in nights.items():
        if night is not None and often > 1:
            yield f"the night of {night} was run {often} times"


def same_as_rebuilt(seen: Observed) -> Iterator[str]:
    """The read models are byte for byte those that a rebuild makes."""
    live, rebuilt = (rows.splitlines() for rows in seen.rows)
    if live != rebuilt:
        differing = [*(f"- {line}" for line in live if line not in rebuilt)]
        differing += [f"+ {line}" for line in rebuilt if line not in live]
        yield "\n".join(["they differ:", *(line[:600] for line in differing[:6])])


def nothing_asked_again(seen: Observed) -> Iterator[str]:
    """While a film's last answer is stored and fresh nobody asks for it again, unless by force.

    But for what was in flight when its enricher was cut off from the others: those can only ask themselves.
    """
    again = list(asked_again(seen))
    if len(again) > seen.in_limbo:
        yield from again


def asked_again(seen: Observed) -> Iterator[str]:
    """The requests for what was stored and fresh, whatever the reason."""
    stored: dict[tuple[str, int], list[Stored]] = defaultdict(list)
    for one in sorted(seen.stored, key=lambda one: one.real):
        stored[one.answer.provider, one.answer.movie_id].append(one)
    holders = _holders(seen)
    for asked in seen.asked:
        if len(holders[asked.id]) != 1 or any(undone.began <= asked.real <= undone.ended for undone in seen.undone):
            continue
        [movie_id] = holders[asked.id]
        known = [one for one in stored[asked.provider, movie_id] if one.real < asked.real - LATE_SECONDS]
        if known and _serves(known[-1], asked) and not _is_excused(seen, known[-1], asked):
            yield (
                f"{asked.provider} was asked about {asked.id} (film {movie_id}) at {asked.at}, though an answer of "
                f"{known[-1].answer.fetched_at} was stored {asked.real - known[-1].real:.1f} s before"
            )


def _holders(seen: Observed) -> Mapping[str, set[int]]:
    """The films that ever had an id."""
    holders: dict[str, set[int]] = defaultdict(set)
    for fact in seen.facts:
        if isinstance(fact.body, events.MovieAdded | events.MovieIdentified):
            for name in (fact.body.ids.imdb, fact.body.ids.tmdb):
                holders[str(name)].add(fact.body.movie_id)
    return holders


def _serves(stored: Stored, asked: Asked) -> bool:
    answer = stored.answer
    return answer.asked_with.partition(":")[2] == asked.id and asked.at - answer.fetched_at < FRESH


def _is_excused(seen: Observed, stored: Stored, asked: Asked) -> bool:
    """Whether there was a force after the answer and before the request, or the answer was spoilt."""
    answer = stored.answer
    runs = (fact.body for fact in seen.facts if isinstance(fact.body, bulk.BulkStarted) and fact.body.force)
    return (
        subjects.answer(answer.provider, answer.movie_id) in seen.poisoned
        or any(run.asked_since > answer.fetched_at for run in runs)
        or any(
            force.movie_id == answer.movie_id
            and stored.real <= force.ended + LATE_SECONDS
            and force.began <= asked.real
            for force in seen.forced
        )
    )


def no_lies(seen: Observed) -> Iterator[str]:
    """No film has values of another film that a provider answered with."""
    for fact in seen.facts:
        if isinstance(fact.body, events.MovieEnriched):
            for name, value in fact.body.changed.items():
                if isinstance(value.value, str) and value.value in seen.lies:
                    yield f"event {fact.seq}: {name} of film {fact.body.movie_id} is another film's"


def watchers_know(seen: Observed) -> Iterator[str]:
    """Every WebSocket client that stayed or came back knows the last end of each film's jobs, and of runs."""
    films = {movie_id: film.last_job for movie_id, film in _last(seen).items() if film.exists and film.last_job}
    run = max((fact.body.job_id for fact in seen.facts if isinstance(fact.body, bulk.BulkEnded)), default=0)
    for client in seen.watched:
        for movie_id, job in films.items():
            if client.films.get(movie_id, 0) < job:
                yield f"{client.name} does not know that job {job} of film {movie_id} has ended"
        if client.run < run:
            yield f"{client.name} does not know that run {run} has ended"


def dead_letters_deserved(seen: Observed) -> Iterator[str]:
    """METARR_DEAD holds only what was poisoned or kept failing."""
    for dead in seen.dead:
        if dead.subject not in seen.poisoned and dead.deliveries < streams.MAX_DELIVERIES:
            yield f"{dead.subject} at delivery {dead.deliveries}: {dead.reason}"


def ready_in_time(seen: Observed) -> Iterator[str]:
    """All are ready soon after the last fault."""
    if seen.ready_seconds is None:
        yield "not all became ready"
    elif seen.ready_seconds > READY_SECONDS:
        yield f"all were ready only after {seen.ready_seconds:.1f} s"


def memory_is_bounded(seen: Observed) -> Iterator[str]:
    """Who does the same again and again needs no more memory for it than after the second time, but for a tenth."""
    for name, after in seen.memory.items():
        if after[-1] > MEMORY_GROWTH * after[1]:
            yield f"{name} had {after[1] >> 10} KiB after the second cycle, {after[-1] >> 10} after the last one"


def nobody_ended(seen: Observed) -> Iterator[str]:
    """No service ends by itself."""
    yield from (f"{name} ended: {said}" for name, said in seen.ended.items())


def nothing_unexpected(seen: Observed) -> Iterator[str]:
    """No service meets an error that it does not expect."""
    yield from seen.raised


def answers_documented(seen: Observed) -> Iterator[str]:
    """A person is told what is away, and never of an internal error."""
    for answer in seen.answers:
        if answer.status >= SERVER_ERROR and answer.code not in REFUSALS:
            yield f"{answer.method} {answer.path}: {answer.status} {answer.code}"


Invariant = Callable[[Observed], Iterable[str]]

INVARIANTS: Mapping[str, Invariant] = {
    "one_end_each": one_end_each,
    "nothing_erased": nothing_erased,
    "locks_hold": locks_hold,
    "shown_as_told": shown_as_told,
    "totals_add_up": totals_add_up,
    "stored_once": stored_once,
    "nights_once": nights_once,
    "same_as_rebuilt": same_as_rebuilt,
    "nothing_asked_again": nothing_asked_again,
    "no_lies": no_lies,
    "watchers_know": watchers_know,
    "dead_letters_deserved": dead_letters_deserved,
    "ready_in_time": ready_in_time,
    "memory_is_bounded": memory_is_bounded,
    "nobody_ended": nobody_ended,
    "nothing_unexpected": nothing_unexpected,
    "answers_documented": answers_documented,
}


def violations(seen: Observed) -> dict[str, list[str]]:
    """What is violated, by the invariant's name; empty when all hold."""
    found = {name: list(holds(seen)) for name, holds in INVARIANTS.items()}
    return {name: problems for name, problems in found.items() if problems}


def _films(seen: Observed, *, before: bool = False) -> Iterator[tuple[int, Film, Any]]:
    """Each fact of a film with the film as it is after it, or before it."""
    films: dict[int, Film] = defaultdict(Film)
    for fact in seen.facts:
        movie_id = getattr(fact.body, "movie_id", None)
        if not isinstance(fact.body, events.MovieEvent) or movie_id is None:
            continue
        if before:
            yield fact.seq, films[movie_id], fact.body
        _evolve(films[movie_id], fact.body)
        if not before:
            yield fact.seq, films[movie_id], fact.body


def _last(seen: Observed) -> dict[int, Film]:
    return {body.movie_id: film for _, film, body in _films(seen)}


def _evolve(film: Film, body: Any) -> None:
    match body:
        case events.MovieAdded(ids=ids):
            film.ids = ids
        case events.MovieIdentified(ids=ids, dropped=dropped):
            film.ids = ids
            for name in dropped:
                film.fields.pop(name, None)
        case events.MovieChanged(changed=changed, cleared=cleared, locked=locked):
            film.fields |= {name: told.value for name, told in changed.items()}
            for name in cleared:
                film.fields.pop(name, None)
            film.locked = frozenset(locked)
        case events.MovieEnriched(changed=changed):
            film.fields |= {name: told.value for name, told in changed.items()}
        case events.MovieRemoved():
            film.exists = False
    put_off = isinstance(body, events.EnrichmentFailed) and body.code == "incomplete" and body.run_id is not None
    if isinstance(body, FILM_ENDS) and not put_off:
        film.last_job = body.job_id
