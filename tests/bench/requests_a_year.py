#!/usr/bin/env python
"""Prints what the rules for runs save a year, in requests and refreshes: a simulation of nightly runs without any IO.

python tests/bench/requests_a_year.py [films]

One film in ten was released within the last year, one in three lacks for good what each of the providers might supply,
TMDB changes one film in a hundred a day.
"""

import random
import sys
from datetime import UTC, date, datetime, timedelta

from metarr_contracts.fields import PROVIDERS, TRACKED, ProviderName
from metarr_contracts.movie import ExternalIds, FieldValue
from metarr_contracts.rules import RunRules
from metarr_enricher.changes import Changes
from metarr_enricher.freshness import Policy, due
from metarr_enricher.movie_state import Kept, MovieState

NIGHT = timedelta(days=1)
NIGHTS = 365
FIRST = datetime(2030, 1, 1, 3, tzinfo=UTC)
OFF = RunRules(tmdb_changes=False, age_by_release=False, back_off=False)
RULES = {
    "without rules": OFF,
    "tmdbChanges": OFF.model_copy(update={"tmdb_changes": True}),
    "ageByRelease": OFF.model_copy(update={"age_by_release": True}),
    "backOff": OFF.model_copy(update={"back_off": True}),
    "all (the default)": RunRules(),
}
LACKING = ("awards", "trailer", "clearlogo")
"""One field that only each of the providers might supply."""


def main(films: int) -> None:
    """Simulate and print."""
    print(f"requests a film and year, {films} films, {NIGHTS} nights")
    for name, rules in RULES.items():
        counts, refreshes = simulate(films, rules)
        told = ", ".join(f"{provider} {count / films:.1f}" for provider, count in counts.items())
        together = f"together {sum(counts.values()) / films:.1f} in {refreshes / films:.1f} refreshes"
        print(f"  {name:18} {told}, {together}")


def simulate(films: int, rules: RunRules) -> tuple[dict[ProviderName, int], int]:
    """How often each provider is asked in a year of nightly runs, and in how many refreshes of films."""
    dice = random.Random(1)  # noqa: S311
    library = [film(number, dice) for number in range(1, films + 1)]
    days = {
        (FIRST + night * NIGHT).date(): frozenset(n for n in range(1, films + 1) if dice.random() < 0.01)
        for night in range(NIGHTS)
    }
    counts: dict[ProviderName, int] = dict.fromkeys(PROVIDERS, 0)
    refreshes = 0
    for night in range(NIGHTS):
        now = FIRST + night * NIGHT
        policy = Policy(rules, Changes(days), now)
        for index, state in enumerate(library):
            asked = due(state, PROVIDERS, policy)
            for provider in asked:
                counts[provider] += 1
            if asked:
                refreshes += 1
                library[index] = answered(state, asked, now)
    return counts, refreshes


def film(number: int, dice: random.Random) -> MovieState:
    """A film that was never asked about, with what the providers will say of it already there."""
    released = date(2029, 6, 1) if dice.random() < 0.1 else date(1999, 3, 31)
    lacks = LACKING if dice.random() < 1 / 3 else ()
    value = FieldValue(value=released.isoformat(), source="tmdb", fetched_at=FIRST)
    fields = {field.name: value for field in TRACKED if field.name not in lacks}
    return MovieState(added=True, title="A", ids=ExternalIds(imdb=f"tt{number:07d}", tmdb=number), fields=fields)


def answered(state: MovieState, asked: tuple[ProviderName, ...], now: datetime) -> MovieState:
    """The film after the same answers again."""
    kept = dict(state.kept)
    for name in asked:
        before = kept.get(name)
        with_ = f"imdb:{state.ids.imdb}" if name == "omdb" else f"tmdb:{state.ids.tmdb}"
        kept[name] = Kept(asked_with=with_, fetched_at=now, vain=0 if before is None else before.vain + 1)
    return state.model_copy(update={"kept": kept})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
