"""Merging answers into a film: fills gaps, never erases. Pure: the same answers in any order give the same film."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from metarr_contracts.answers import ProviderAnswered
from metarr_contracts.base import Json
from metarr_contracts.fields import FIELDS, USER
from metarr_contracts.movie import FieldValue
from metarr_enricher.rules import Rules

EMPTY_TEXTS = frozenset({"", "n/a"})
ZERO_IS_UNKNOWN = frozenset({"runtime", "imdb_rating", "tmdb_rating", "imdb_votes", "tmdb_votes", "year"})


class _Rank(NamedTuple):
    """What decides between two values of a field, unless it is the same for both; the greatest wins."""

    by_user: bool
    in_language: bool
    precedence: int
    fetched_at: datetime


def is_empty(field: str, value: Json) -> bool:
    """Whether this says nothing: N/A, blanks, empty lists, null, and 0 where 0 means unknown."""
    if value is None or value in ([], {}):
        return True
    if isinstance(value, str):
        return value.strip().casefold() in EMPTY_TEXTS
    return field in ZERO_IS_UNKNOWN and value == 0


def merge(
    current: Mapping[str, FieldValue],
    answers: Iterable[ProviderAnswered],
    *,
    asked_with: Collection[str],
    locked: Collection[str],
    rules: Rules,
) -> dict[str, FieldValue]:
    """The fields whose value changes, with their new values.

    A value is replaced only by a newer one of the same provider or by one of a provider that ranks higher. An answer
    counts only while the film has the external id (`asked_with`) it was asked with. A locked field never changes.
    """
    changed: dict[str, FieldValue] = {}
    for field, offered in _offers(answers, asked_with):
        if field in locked or is_empty(field, offered.value):
            continue
        held = changed.get(field, current.get(field))
        # What beats another value is never the same as that.
        if held is None or _beats(field, offered, held, rules):
            changed[field] = offered
    return changed


def _offers(answers: Iterable[ProviderAnswered], asked_with: Collection[str]) -> Iterator[tuple[str, FieldValue]]:
    for answer in answers:
        if answer.outcome != "found" or answer.asked_with not in asked_with:
            continue
        for field, told in answer.fields.items():
            if field in FIELDS:
                yield (
                    field,
                    FieldValue(
                        value=told.value,
                        source=answer.provider,
                        fetched_at=answer.fetched_at,
                        language=told.language,
                        asked_with=answer.asked_with,
                    ),
                )


def _beats(field: str, one: FieldValue, other: FieldValue, rules: Rules) -> bool:
    rank, others = _rank(field, one, rules), _rank(field, other, rules)
    return rank > others if rank != others else _tie(one) > _tie(other)


def _rank(field: str, value: FieldValue, rules: Rules) -> _Rank:
    order: tuple[str, ...] = rules.order[field]
    return _Rank(
        by_user=value.source == USER,
        in_language=value.language in (None, rules.language),
        precedence=-order.index(value.source) if value.source in order else -len(order),
        fetched_at=value.fetched_at,
    )


def _tie(value: FieldValue) -> str:
    return json.dumps([value.value, value.language, value.asked_with], sort_keys=True)
