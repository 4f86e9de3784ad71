"""Events of a large library as the enricher would tell them: films are added in the order of their ids, then refreshed.

The same count gives the same films, and the first films of a larger library are those of a smaller one. Pure.
"""

import random
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import cache

from tests.unit.metarr_projector.histories import START, completeness_of

from metarr_contracts import events, subjects
from metarr_contracts.base import Json, Value
from metarr_contracts.fields import FIELDS, PROVIDERS, TRACKED
from metarr_contracts.movie import (
    Candidate,
    Completeness,
    ExternalIds,
    FieldValue,
    MissingField,
    MissingReason,
    ProviderOutcome,
)

FIRST_JOB = 10_000_000
"""Jobs are numbered apart from films, so that nobody mistakes one for the other."""
SYLLABLES = ("ba", "chi", "do", "fle", "gra", "hu", "ja", "ki", "lor", "mé", "nu", "pra", "sil", "ta", "ver", "zö")
COMMON = ("the", "of", "man", "night", "last", "love", "house", "world")
"""Each in one title of five or so."""
PEOPLE = 12
PLOT_WORDS = 45
KINDS = 1_000
"""Films whose ids are so far apart have the same values but for title, year and ids."""
NEW_RATINGS = frozenset({"imdb_rating", "tmdb_rating"})
VOTES = frozenset({"imdb_votes", "tmdb_votes"})
"""With the ratings they are all that is another one a week later."""


def common_prefix() -> str:
    """A search that finds films in great number: the beginning of a word in every fifth title."""
    return COMMON[2][:2]


def rare_word(movie_id: int) -> str:
    """A word that is in the title of this film alone."""
    return f"no{movie_id}"


@cache
def title_of(movie_id: int) -> str:
    """A few words, most of them in few other titles, and the number of the film."""
    chance = _chance("title", movie_id)
    words = [_word(chance) for _ in range(chance.randint(1, 3))]
    words += chance.sample(COMMON, chance.randint(0, 3))
    chance.shuffle(words)
    return " ".join([*(word.capitalize() for word in words), rare_word(movie_id).capitalize()])


def history(films: int, refreshes: int = 1, first: int = 1, *, pictures: bool = True) -> Iterator[tuple[str, Value]]:
    """The subject and body of each event of `films` films from the id `first` on, in their order in time.

    Each film has one event when it comes into the library and one for each refresh, and some one more: 3 % that no
    provider could tell apart from others, 5 % whose refresh met a limit. Without `pictures` no film has any.
    """
    ids = range(first, first + films)
    for movie_id in ids:
        yield subjects.movie_event(movie_id), _added(movie_id)
    for number in range(refreshes):
        for movie_id in ids:
            job_id = FIRST_JOB + number * films + movie_id
            for event in _refreshed(movie_id, job_id, number, pictures=pictures):
                yield subjects.movie_event(movie_id), event


def is_unidentified(movie_id: int) -> bool:
    """Whether several films answer to the title, so that a person has to choose."""
    return movie_id % 33 == 0


def is_limited(movie_id: int) -> bool:
    """Whether OMDb's quota was used up when the film was refreshed."""
    return movie_id % 20 == 7


def _added(movie_id: int) -> Value:
    chance = _chance("added", movie_id)
    return events.MovieAdded(
        movie_id=movie_id,
        title=title_of(movie_id),
        year=chance.choice([None, *range(1950, 2026)]),
        ids=ExternalIds() if is_unidentified(movie_id) else _ids(movie_id),
        request=f"row {movie_id}",
        missing=_missing(frozenset(), "not_fetched"),
    )


def _refreshed(movie_id: int, job_id: int, number: int, *, pictures: bool) -> Iterator[Value]:
    at = START + timedelta(days=7 * number, seconds=movie_id)
    if is_unidentified(movie_id):
        if number == 0:
            yield events.CandidatesFound(movie_id=movie_id, job_id=job_id, candidates=tuple(_candidates(movie_id)))
        return
    limited = is_limited(movie_id)
    present = _present(movie_id % KINDS, limited=limited, pictures=pictures)
    names = (present if number == 0 else present & NEW_RATINGS) | VOTES
    changed = {name: _value(name, movie_id, number, at) for name in sorted(names)}
    complete = completeness_of(set(present))
    yield events.MovieEnriched(
        movie_id=movie_id,
        job_id=job_id,
        started_at=at - timedelta(milliseconds=900),
        completed_at=at,
        title=title_of(movie_id),
        partial=limited,
        changed=changed,
        providers=_outcomes(movie_id, at),
        completeness=Completeness(before=complete if number else 0, after=complete),
        missing=_missing(present, "rate_limited" if limited else "not_provided"),
    )


@cache
def _present(kind: int, *, limited: bool, pictures: bool) -> AbstractSet[str]:
    """Most films lack a field or two, some many; what OMDb alone knows is missing where it was not asked."""
    chance = _chance("present", kind)
    known = [field for field in TRACKED if not (limited and field.providers == ("omdb",))]
    known = [field for field in known if pictures or field.category != "media"]
    lacking = chance.choice((0, 1, 1, 2, 2, 3, 5, 8, 12))
    return frozenset(field.name for field in chance.sample(known, max(len(known) - lacking, 1)))


def _value(name: str, movie_id: int, number: int, at: datetime) -> FieldValue:
    provider = FIELDS[name].providers[0]
    asked_with = f"imdb:tt{movie_id:07d}" if provider == "omdb" else f"tmdb:{movie_id}"
    content = _content(name, (movie_id + (number if name in NEW_RATINGS | VOTES else 0)) % KINDS)
    return FieldValue(value=content, source=provider, fetched_at=at, language="en", asked_with=asked_with)


@cache
def _content(name: str, kind: int) -> Json:
    chance = _chance(name, kind)
    match FIELDS[name].category:
        case "ratings" if name in VOTES:
            return chance.randint(10, 1_000_000)
        case "ratings":
            return round(chance.uniform(1, 10), 1)
        case "media":
            return f"https://image.tmdb.org/t/p/original/{chance.randbytes(14).hex()}.jpg"
        case "credits":
            names = 1 if name == "directors" else PEOPLE
            return [f"{_word(chance).capitalize()} {_word(chance).capitalize()}" for _ in range(names)]
        case _ if name in {"genres", "studios", "countries"}:
            return [_word(chance) for _ in range(3)]
        case _:
            return " ".join(_word(chance) for _ in range(PLOT_WORDS if name == "plot" else 4))


def _outcomes(movie_id: int, at: datetime) -> tuple[ProviderOutcome, ...]:
    return tuple(
        ProviderOutcome(name=name, outcome="quota_exhausted", limited_until=at + timedelta(hours=21))
        if name == "omdb" and is_limited(movie_id)
        else ProviderOutcome(name=name, outcome="found", fetched_at=at, requests=1)
        for name in PROVIDERS
    )


@cache
def _missing(present: AbstractSet[str], reason: MissingReason) -> tuple[MissingField, ...]:
    return tuple(
        MissingField(field=field.name, reason=reason, providers=field.providers)
        for field in TRACKED
        if field.name not in present
    )


def _candidates(movie_id: int) -> Iterator[Candidate]:
    for number in range(3):
        tmdb_id = 5_000_000 + 3 * movie_id + number
        yield Candidate(tmdb_id=tmdb_id, title=title_of(movie_id), year=1990 + number, overview=title_of(tmdb_id))


def _ids(movie_id: int) -> ExternalIds:
    return ExternalIds(imdb=f"tt{movie_id:07d}", tmdb=movie_id)


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=3))


def _chance(what: str, movie_id: int) -> random.Random:
    """Chance of its own for each part of each film: what is asked first plays no part."""
    return random.Random(f"{what} {movie_id}")  # noqa: S311  # examples, no secrets
