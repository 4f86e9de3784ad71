"""Merging: fills gaps, never erases, whatever comes in whichever order."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.metarr_enricher.films import EMPTY, FIELD_NAMES, FILMS, MATRIX, RULES, answer, answers, value

from metarr_contracts.answers import AnsweredValue, ProviderAnswered
from metarr_contracts.base import Json
from metarr_contracts.movie import FieldValue
from metarr_enricher.merge import is_empty, merge

Film = dict[str, FieldValue]


def merged(film: Film, told: Sequence[ProviderAnswered], locked: Sequence[str] = ()) -> Film:
    """The film after the answers."""
    return {**film, **merge(film, told, asked_with=MATRIX.asked_with(), locked=locked, rules=RULES)}


@given(FILMS, st.lists(st.lists(answers(), max_size=4), max_size=4))
def test_a_value_that_is_there_never_becomes_empty(film: Film, rounds: list[list[ProviderAnswered]]) -> None:
    """For all sequences of answers: what the film has it keeps, or has something else that says something."""
    for told in rounds:
        after = merged(film, told)
        assert film.keys() <= after.keys()
        assert not any(is_empty(name, had.value) for name, had in after.items())
        film = after


@given(FILMS, st.lists(answers(), max_size=6), st.randoms(), st.integers(0, 6))
def test_the_order_of_answers_does_not_matter(
    film: Film, told: list[ProviderAnswered], chance: random.Random, split: int
) -> None:
    """Any permutation and any split in batches gives the same fields."""
    shuffled = chance.sample(told, len(told))
    at_once = merged(film, told)
    in_two = merged(merged(film, shuffled[:split]), shuffled[split:])
    assert at_once == in_two


@given(FILMS, st.lists(answers(), max_size=6), st.sets(FIELD_NAMES))
def test_a_locked_field_never_changes(film: Film, told: list[ProviderAnswered], locked: set[str]) -> None:
    """Locked fields stay as they are, empty ones too; the others do not notice."""
    free, held = merged(film, told), merged(film, told, sorted(locked))
    assert {name: held.get(name) for name in locked} == {name: film.get(name) for name in locked}
    assert {name: held.get(name) for name in free.keys() - locked} == {
        name: free[name] for name in free.keys() - locked
    }


@given(FILMS, st.lists(answers(), max_size=6))
def test_a_persons_own_value_outranks_all(film: Film, told: list[ProviderAnswered]) -> None:
    """What a person entered is never replaced by an answer."""
    after = merged(film, told)
    assert {name: after[name] for name in film if film[name].source == "user"} == {
        name: had for name, had in film.items() if had.source == "user"
    }


@given(FILMS, st.lists(answers(), max_size=6))
def test_merging_twice_is_merging_once(film: Film, told: list[ProviderAnswered]) -> None:
    """The same answers again change nothing."""
    after = merged(film, told)
    assert merge(after, told, asked_with=MATRIX.asked_with(), locked=(), rules=RULES) == {}


def test_a_provider_that_ranks_higher_replaces_a_lower_one() -> None:
    """Even with an older answer; the rank of the field decides and not the time."""
    film = {"plot": value("of OMDb", "omdb", 5)}
    assert merged(film, [answer("tmdb", 1, plot="of TMDB")])["plot"].value == "of TMDB"


def test_a_provider_that_ranks_lower_replaces_nothing() -> None:
    """A provider that is limited or down says nothing, and its fields do not go to a lower one."""
    film = {"plot": value("of TMDB", "tmdb", 0), "poster": value("of fanart.tv", "fanart", 0)}
    after = merged(film, [answer("omdb", 9, plot="of OMDb", poster="of OMDb"), answer("tmdb", 9, poster="of TMDB")])
    assert after["plot"].value == "of TMDB"
    assert after["poster"].value == "of fanart.tv"


@pytest.mark.parametrize(("minutes", "expected"), [(4, "old"), (6, "new")])
def test_a_newer_value_replaces_an_older_one_of_the_same_provider(minutes: float, expected: str) -> None:
    """An answer that is not newer does not: it may come late."""
    film = {"plot": value("old", "tmdb", 5)}
    assert merged(film, [answer("tmdb", minutes, plot="new")])["plot"].value == expected


def test_of_two_values_told_at_the_same_moment_always_the_same_one_stays() -> None:
    """Even where they differ in nothing but the id they were asked with."""
    told = [answer("fanart", 0, asked_with, poster="A") for asked_with in ("tmdb:603", "imdb:tt0133093")]
    assert merged({}, told) == merged({}, told[::-1])


def test_an_answer_counts_only_for_the_id_it_was_asked_with() -> None:
    """An answer on another film's id fills nothing and replaces nothing."""
    told = [answer("tmdb", 9, "tmdb:7", plot="of another film", tagline="of another film")]
    assert merged({"plot": value("own", "omdb")}, told) == {"plot": value("own", "omdb")}


def test_text_in_another_language_is_a_fallback() -> None:
    """It fills a gap, gives way to the library's language even of a lower provider, and never replaces it."""
    foreign = answer("tmdb", 9, plot=AnsweredValue(value="deutsch", language="de"))
    own = answer("omdb", 1, plot=AnsweredValue(value="english", language="en"))
    assert merged({}, [foreign])["plot"].value == "deutsch"
    assert merged(merged({}, [foreign]), [own])["plot"].value == "english"
    assert merged(merged({}, [own]), [foreign])["plot"].value == "english"


def test_an_answer_without_the_film_fills_nothing() -> None:
    """`not_found` is an answer and has no values."""
    assert merged({}, [answer("omdb")]) == {}


def test_a_value_keeps_its_source_time_language_and_id() -> None:
    """What a person sees of where a value comes from is what the answer said."""
    told = answer("omdb", 3, plot=AnsweredValue(value="A", language="en"))
    assert merged({}, [told])["plot"] == value("A", "omdb", 3, "en")


def test_fields_that_no_film_has_are_left_out() -> None:
    """An answer of a newer version may tell more than this one knows."""
    assert merged({}, [answer("tmdb", smell="of popcorn")]) == {}


@pytest.mark.parametrize("nothing", EMPTY)
def test_what_says_nothing_is_empty(nothing: Json) -> None:
    """N/A, blanks, null and empty lists say nothing of any field."""
    assert is_empty("plot", nothing)


def test_zero_is_empty_only_where_it_means_unknown() -> None:
    """A film can have a score of 0; a runtime of 0 is none."""
    assert is_empty("runtime", 0)
    assert not is_empty("rotten_tomatoes_score", 0)


@pytest.mark.parametrize("title", ["Unknown", "None", "Null"])
def test_a_word_is_a_value(title: str) -> None:
    """Films are called so."""
    assert not is_empty("title", title)
