"""What benchmarks make of what they measured."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.report import as_json, notes, number, table
from tests.bench.rounds import alternating, percentile


def test_the_goal_is_for_the_ratio_of_each_round() -> None:
    """A round in which all is slow counts like the others: 5/10, 6/10, 2/4 have the median 0.5."""
    figure = Figure(11, "append", "1/s", (5, 6, 2), "publish", (10, 10, 4), at_least(0.5))
    assert figure.ratios == (0.5, 0.6, 0.5)
    assert figure.judged.median == 0.5
    assert figure.is_met


def test_without_a_ceiling_the_goal_is_for_the_value() -> None:
    """And one value that is too large among three does not matter, but two do."""
    assert Figure(6, "refresh", "ms", (20, 21, 60), goal=at_most(25)).is_met
    assert Figure(6, "refresh", "ms", (20, 59, 60), goal=at_most(25)).is_met is False


def test_without_a_goal_nothing_is_met_or_missed() -> None:
    """It is reported."""
    assert Figure(13, "disk", "kB", (3,)).is_met is None


@pytest.mark.parametrize(
    ("against", "values", "ceilings", "said"),
    [
        ("", (), (), "no value"),
        ("publish", (1,), (), "a ceiling has values and a name"),
        ("", (1,), (1,), "a ceiling has values and a name"),
        ("publish", (1, 2), (1,), "2 values against 1"),
    ],
)
def test_half_a_figure_is_refused(
    against: str, values: tuple[float, ...], ceilings: tuple[float, ...], said: str
) -> None:
    """A benchmark that measured nothing, or lost rounds of its ceiling, does not print a figure."""
    with pytest.raises(ValueError, match=said):
        Figure(1, "stats", "ms", values, against, ceilings)


def test_the_table_says_all_that_a_person_wants_to_know() -> None:
    """Medians with ends, the ceiling's name, the goal, and whether it is reached."""
    drawn = table(
        [
            Figure(11, "append", "1/s", (500, 600), "publish", (1000, 1000), at_least(0.7)),
            Figure(12, "memory", "MB", (274.4,), goal=at_most(450), note="four services"),
        ]
    )
    append, memory = drawn.splitlines()[2:]
    assert [cell.strip() for cell in append.strip("|").split("|")] == [
        "11",
        "append",
        "550 (500 to 600) 1/s",
        "publish: 1,000 1/s",
        "0.550 (0.500 to 0.600)",
        "at least 0.700 times",
        "NOT reached",
    ]
    assert [cell.strip() for cell in memory.strip("|").split("|")][-4:] == ["", "", "at most 450 MB", "reached"]
    assert notes([Figure(12, "memory", "MB", (1,), note="four services")]) == "* memory: four services"


def test_json_holds_every_round() -> None:
    """So that runs can be compared later."""
    told = json.loads(as_json([Figure(11, "append", "1/s", (5, 6), "publish", (10, 10))], {"rounds": 2}))
    assert told["rounds"] == 2
    assert told["figures"][0]["values"] == [5, 6]
    assert told["figures"][0]["ratios"] == [0.5, 0.6]
    assert told["figures"][0]["met"] is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.4821, "0.482"), (1.5, "1.50"), (25.31, "25.3"), (100, "100"), (8405.4, "8,405"), (-3.14159, "-3.14")],
)
def test_numbers_are_short(value: float, shown: str) -> None:
    """Three figures that count."""
    assert number(value) == shown


async def test_every_second_round_is_in_reverse_order() -> None:
    """What comes first in one round comes last in the next; results are in the order of the rounds."""
    asked: list[str] = []

    async def first() -> int:
        asked.append("first")
        return len(asked)

    async def second() -> int:
        asked.append("second")
        return len(asked)

    assert await alternating(3, first, second) == [(1, 4, 5), (2, 3, 6)]
    assert asked == ["first", "second", "second", "first", "first", "second"]


@given(st.lists(st.floats(0, 1000), min_size=1), st.sampled_from([0.5, 0.99]))
def test_a_percentile_is_a_sample_that_enough_others_do_not_exceed(samples: list[float], part: float) -> None:
    """As many as it says, at least."""
    found = percentile(samples, part)
    assert found in samples
    assert sum(sample <= found for sample in samples) >= part * len(samples)
