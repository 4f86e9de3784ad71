"""The shared rate: never more than the burst and the rate allow, in whichever window one looks."""

import asyncio
from datetime import date
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from metarr_chassis.rate import Line, Rate, book, read_booked
from metarr_contracts.rates import Booked

RATES = st.builds(Rate, st.floats(0.5, 100), st.integers(1, 40))
STEPS = st.lists(st.tuples(st.floats(0, 5), st.integers(1, 10)), min_size=1, max_size=12)


def booked(rate: Rate, steps: list[tuple[float, int]]) -> list[float]:
    """All moments that replicas book which come after pauses and want so many."""
    next_free, now, moments = 0.0, 1000.0, []
    for pause, count in steps:
        now += pause
        next_free, more = book(rate, next_free, now, count)
        assert all(moment >= now for moment in more)
        moments += more
    return moments


@given(RATES, STEPS)
def test_no_window_holds_more_than_burst_and_rate_allow(rate: Rate, steps: list[tuple[float, int]]) -> None:
    """From any moment to any later one: at most the burst plus what the rate gives in that time."""
    moments = booked(rate, steps)
    assert moments == sorted(moments)
    for first in range(len(moments)):
        for last in range(first, len(moments)):
            window = moments[last] - moments[first]
            assert last - first + 1 <= rate.burst + window * rate.per_second + 1e-6


@given(st.floats(0.5, 100), STEPS)
def test_without_a_burst_they_keep_their_distance(per_second: float, steps: list[tuple[float, int]]) -> None:
    """One after the other, an interval apart."""
    rate = Rate(per_second)
    assert all(later - sooner >= rate.interval - 1e-6 for sooner, later in pairwise(booked(rate, steps)))


@given(RATES, st.integers(1, 50))
def test_nobody_waits_longer_than_the_rate_demands(rate: Rate, count: int) -> None:
    """After a long pause the whole burst goes out at once, the rest at the rate."""
    _, moments = book(rate, 0.0, 1000.0, count)
    assert moments[: rate.burst] == [1000.0] * min(count, rate.burst)
    assert moments[-1] - 1000.0 <= max(0, count - rate.burst) * rate.interval + 1e-6


@given(st.lists(st.sampled_from(("patient", "other", "next", "give up")), max_size=40), st.randoms())
async def test_the_line_keeps_its_order(steps: list[str], chance: Random) -> None:
    """Whoever is next came before all of their kind who still wait, and is patient only if nobody else waits."""
    line, waiting = Line(), list[tuple[bool, int]]()
    turns: dict[asyncio.Future[None], tuple[bool, int]] = {}
    for step, what in enumerate(steps):
        if what in ("patient", "other"):
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            line.join(turn, patient=what == "patient")
            turns[turn] = (what == "patient", step)
            waiting.append(turns[turn])
        elif what == "next":
            following = line.next()
            expected = min(waiting, default=None)
            assert (turns[following] if following else None) == expected
            waiting = [one for one in waiting if one != expected]
        elif waiting:
            gone = chance.choice(waiting)
            next(turn for turn, one in turns.items() if one == gone).cancel()
            waiting.remove(gone)
        assert len(line) == len(waiting)


@given(st.floats(0, 1e11))
def test_both_forms_of_what_is_kept_are_read(next_free: float) -> None:
    """The one that counts requests, the bare number from before, and what a deleted key leaves."""
    assert read_booked(b"") == Booked()
    assert read_booked(repr(next_free).encode()) == Booked(next_free=next_free)
    kept = Booked(next_free=next_free, day=date(2026, 11, 22), requests=7)
    assert read_booked(kept.to_json()) == kept


def test_requests_are_those_of_the_day() -> None:
    """Of any other day nothing is known."""
    kept = Booked(next_free=1.0, day=date(2026, 11, 22), requests=7)
    assert (kept.on(date(2026, 11, 22)), kept.on(date(2026, 11, 23)), Booked().on(date(2026, 11, 22))) == (7, 0, 0)
