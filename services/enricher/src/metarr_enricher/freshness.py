"""Who is to be asked about a film again in a run over the whole library. Pure: no clock, no IO.

Manual refreshes have a plainer rule, and the job of a run obeys what was decided here: see `answer_store`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from metarr_contracts.answers import LookupAnswered, ProviderAnswered
from metarr_contracts.fields import TRACKED, ProviderName
from metarr_contracts.rules import RunRules
from metarr_enricher.movie_state import Kept, MovieState
from metarr_enricher.providers.tmdb_lookup import looked_up_with

PLAIN = timedelta(days=7)
BACK_OFF = (PLAIN, timedelta(days=14), timedelta(days=30), timedelta(days=90))
"""After the first answer without what the film lacks, after the second of the same kind, and so on."""
BY_AGE = ((90, PLAIN), (365, timedelta(days=14)), (5 * 365, timedelta(days=30)))
"""A film released less than so many days before it was asked about is asked about again after so long."""
LONGEST = timedelta(days=90)


class Changes(Protocol):
    """What TMDB says of which films it has changed."""

    def unchanged_since(self, tmdb_id: int, day: date, today: date) -> bool | None:
        """Whether no list from `day` through the day before `today` names the film; None: not all are known."""


@dataclass(frozen=True)
class Policy:
    """What decides whether an answer is still fresh. Under force: everything fetched before `force_since` is not."""

    rules: RunRules
    changes: Changes
    now: datetime
    force_since: datetime | None = None


def due(film: MovieState, on: Sequence[ProviderName], policy: Policy) -> tuple[ProviderName, ...]:
    """Which of the providers that are on are to be asked, in their order; none for a film that is not there."""
    if not film.exists:
        return ()
    return tuple(provider for provider in on if _is_due(film, provider, policy))


def times_in_vain(answer: ProviderAnswered | LookupAnswered, before: ProviderAnswered | LookupAnswered | None) -> int:
    """How many times in a row the same answer has come since the first: what back-off goes by."""
    return before.vain + 1 if before is not None and _gist(before) == _gist(answer) else 0


def _gist(answer: ProviderAnswered | LookupAnswered) -> tuple[object, ...]:
    if isinstance(answer, ProviderAnswered):
        return answer.asked_with, answer.outcome, answer.fields.keys()
    return answer.asked_with, answer.tmdb_id, {found.tmdb_id for found in answer.candidates}


def _is_due(film: MovieState, provider: ProviderName, policy: Policy) -> bool:
    valid, kept = _valid(film, provider), film.kept.get(provider)
    if not valid:
        # Nobody can ask without an id. Should TMDB tell it, who has no answer yet is asked anyway.
        return False
    if kept is None or kept.asked_with not in valid:
        return True
    if policy.force_since is not None:
        return kept.fetched_at < policy.force_since
    age = policy.now - kept.fetched_at
    return age >= PLAIN and age >= _interval(film, provider, kept, policy)


def _valid(film: MovieState, provider: ProviderName) -> frozenset[str]:
    """What an answer that is still of this film was asked with; empty where the provider can't be asked."""
    ids = film.ids
    match provider:
        case "tmdb":
            lookup = looked_up_with(film.title or "", film.year, ids.imdb)
            return frozenset({f"tmdb:{ids.tmdb}" if ids.tmdb else lookup})
        case "omdb":
            return frozenset({f"imdb:{ids.imdb}"} if ids.imdb else ())
        case "fanart":
            return ids.asked_with()


def _interval(film: MovieState, provider: ProviderName, kept: Kept, policy: Policy) -> timedelta:
    unchanged = _unchanged(film, provider, kept, policy)
    if unchanged is not None:
        return LONGEST if unchanged else PLAIN
    by_age = _by_age(film, kept) if policy.rules.age_by_release else None
    if not _has_gap(film, provider):
        return by_age or PLAIN
    back_off = BACK_OFF[min(kept.vain, len(BACK_OFF) - 1)] if policy.rules.back_off else PLAIN
    return min(back_off, by_age or back_off)


def _unchanged(film: MovieState, provider: ProviderName, kept: Kept, policy: Policy) -> bool | None:
    if provider != "tmdb" or film.ids.tmdb is None or not policy.rules.tmdb_changes:
        return None
    return policy.changes.unchanged_since(film.ids.tmdb, _day(kept.fetched_at), _day(policy.now))


def _by_age(film: MovieState, kept: Kept) -> timedelta:
    # By its age when it was asked about: an answer's time does not grow longer while it waits.
    released = _released(film)
    if released is None:
        return LONGEST
    age = (_day(kept.fetched_at) - released).days
    return next((interval for days, interval in BY_AGE if age < days), LONGEST)


def _released(film: MovieState) -> date | None:
    told = film.fields.get("release_date")
    if told is None or not isinstance(told.value, str):
        return None
    try:
        return date.fromisoformat(told.value)
    except ValueError:
        return None


def _has_gap(film: MovieState, provider: ProviderName) -> bool:
    """Whether the film lacks what the provider may supply. A field that is locked empty takes nothing from anybody."""
    return any(
        provider in field.providers and field.name not in film.fields and field.name not in film.locked
        for field in TRACKED
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
