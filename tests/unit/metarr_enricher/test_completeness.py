"""Completeness and what is missing: one computation for all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.metarr_enricher.films import RULES

from metarr_contracts.fields import FIELDS, TRACKED, ProviderName
from metarr_contracts.movie import MissingReason, Outcome
from metarr_enricher.completeness import completeness, missing
from metarr_enricher.rules import Rules

NAMES = [field.name for field in TRACKED]


def test_three_missing_of_twenty_fields_are_85_percent() -> None:
    """The product document's example."""
    assert len(NAMES) == 20
    assert completeness(NAMES[3:], RULES) == 85


@pytest.mark.parametrize(("present", "expected"), [(0, 0), (1, 5), (10, 50), (19, 95), (20, 100)])
def test_each_field_counts_the_same(present: int, expected: int) -> None:
    """Five percent each; 100 % can be reached."""
    assert completeness(NAMES[:present], RULES) == expected


def test_fields_that_are_not_tracked_do_not_count() -> None:
    """Title, year, votes and the like are kept and not counted."""
    assert completeness([name for name in FIELDS if name not in NAMES], RULES) == 0
    assert completeness(FIELDS, RULES) == 100


def test_a_heavier_field_counts_more() -> None:
    """The rules may weigh fields differently; a weight of 0 takes a field out."""
    weights = dict.fromkeys(NAMES, 0) | {"plot": 3, "poster": 1}
    assert completeness(["plot"], Rules(weights=weights)) == 75
    assert completeness(["plot", "poster"], Rules(weights=weights)) == 100


def test_half_a_percent_is_rounded_up() -> None:
    """As a person rounds: 1 of 8 is 13 %."""
    assert completeness(["plot"], Rules(weights=dict.fromkeys(NAMES, 0) | {"plot": 1, "poster": 7})) == 13


@given(st.sets(st.sampled_from(NAMES)), st.sampled_from(NAMES))
def test_more_values_are_never_less_complete(present: set[str], one_more: str) -> None:
    """Completeness lies between 0 and 100 and grows with each field."""
    less, more = completeness(present, RULES), completeness(present | {one_more}, RULES)
    assert 0 <= less <= more <= 100


@given(st.sets(st.sampled_from(NAMES)))
def test_missing_fields_are_those_without_a_value_in_the_order_shown(present: set[str]) -> None:
    """Each missing field is named once, with who could supply it."""
    lacking = missing(present, {}, RULES)
    assert [lack.field for lack in lacking] == [name for name in NAMES if name not in present]
    assert all(lack.providers == FIELDS[lack.field].providers for lack in lacking)


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ({}, "not_fetched"),
        ({"fanart": "found"}, "not_fetched"),
        ({"tmdb": "found", "omdb": "not_found"}, "not_provided"),
        ({"tmdb": "found", "omdb": "off"}, "not_provided"),
        ({"tmdb": "off", "omdb": "off"}, "provider_off"),
        ({"tmdb": "found", "omdb": "quota_exhausted"}, "rate_limited"),
        ({"tmdb": "unavailable", "omdb": "throttled"}, "rate_limited"),
        ({"tmdb": "unavailable", "omdb": "found"}, "provider_error"),
        ({"tmdb": "unexpected", "omdb": "off"}, "provider_error"),
        ({"tmdb": "found", "omdb": "unauthorized"}, "provider_error"),
    ],
)
def test_a_missing_field_says_why(outcomes: dict[ProviderName, Outcome], reason: MissingReason) -> None:
    """Limits before errors before what was not provided; only providers that could supply the field are looked at."""
    [plot] = [lack for lack in missing((), outcomes, RULES) if lack.field == "plot"]
    assert plot.reason == reason
