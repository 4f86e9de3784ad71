"""How often a client may come."""

from hypothesis import given
from hypothesis import strategies as st

from metarr_gateway.buckets import Bucket, Buckets, Pace

STEPS = st.lists(st.floats(min_value=0, max_value=2), max_size=200)


def test_a_burst_then_the_rate() -> None:
    """Given 2 a second and a burst of 3: three at once, the fourth half a second later."""
    bucket = Bucket(Pace(2, 3))
    assert [bucket.take(100.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert bucket.take(100.5) == 0
    assert bucket.take(100.5) > 0


def test_a_burst_below_one_is_one() -> None:
    """A rate of less than one in five seconds lets one through."""
    bucket = Bucket(Pace(0.1, 0.5))
    assert bucket.take(0.0) == 0
    assert bucket.take(0.0) == 10.0


@given(pace=st.builds(Pace, st.floats(min_value=0.1, max_value=50), st.floats(min_value=0, max_value=100)), steps=STEPS)
def test_never_more_than_the_burst_and_what_ran_in_since(pace: Pace, steps: list[float]) -> None:
    """In each stretch of time as many go through as its length allows, and a burst."""
    bucket, now, went = Bucket(pace), 1000.0, []
    for step in steps:
        now += step
        if bucket.take(now) == 0:
            went.append(now)
    for first, begin in enumerate(went):
        for last, end in enumerate(went[first:], first):
            assert last - first + 1 <= max(pace.burst, 1) + (end - begin) * pace.per_second + 0.01


@given(steps=STEPS)
def test_who_waits_as_told_goes_through(steps: list[float]) -> None:
    """The seconds that are told are enough, and asking in vain costs nothing."""
    bucket, now = Bucket(Pace(3, 2)), 1000.0
    for step in steps:
        now += step
        wait = bucket.take(now)
        if wait:
            assert bucket.take(now) == wait
            now += wait
            assert bucket.take(now) == 0


def test_clients_do_not_touch_each_other() -> None:
    """One who comes too often is refused alone."""
    buckets = Buckets(Pace(1, 2))
    assert [bool(buckets.take("greedy", 5.0)) for _ in range(3)] == [False, False, True]
    assert buckets.take("modest", 5.0) == 0


def test_many_addresses_do_not_fill_the_memory() -> None:
    """Only the clients that came last are remembered; a stranger is never refused for the crowd."""
    buckets = Buckets(Pace(1, 1), most=50)
    for number in range(1_000):
        assert buckets.take(f"client {number}", 5.0) == 0
        assert len(buckets) <= 50


def test_who_keeps_coming_is_not_forgotten() -> None:
    """An attacker's bucket is not made full by others who come beside it."""
    buckets = Buckets(Pace(1, 1), most=10)
    assert buckets.take("greedy", 5.0) == 0
    for number in range(100):
        buckets.take(f"client {number}", 5.0)
        assert buckets.take("greedy", 5.0) > 0
