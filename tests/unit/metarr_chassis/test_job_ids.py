"""Job ids never repeat: where a queue begins that was lost or restored."""

from hypothesis import given
from hypothesis import strategies as st

from metarr_chassis.job_ids import MOST, ROOM, after_loss, after_restore

DAY = 86_400
few = st.integers(0, 1_000)


@given(st.integers(0, 10**9), few, few, few, st.integers(0, ROOM))
def test_a_lost_queue_begins_above_all_ids(above: int, ended: int, films: int, other: int, of_no_film: int) -> None:
    """Given jobs that ended, jobs that wait for films, and some for none, and other events, none of their ids comes."""
    given_out = ended + films + of_no_film
    # An end for each that has ended, an addition for each film, whatever else was told.
    last_event = ended + films + other
    assert after_loss(above, last_event) > above + given_out


@given(st.lists(st.tuples(few, few), min_size=1, max_size=5))
def test_a_queue_that_is_lost_again_and_again(losses: list[tuple[int, int]]) -> None:
    """Given what was kept of the last beginning, when the queue is lost again, ids go on above those since."""
    above, last_event = 0, 0
    for ended, waiting in losses:
        last_event += ended + waiting
        highest = above + ended + waiting
        first = after_loss(above, last_event)
        assert first > highest
        above = first - 1


@given(st.integers(0, 10**9), st.floats(0, 30 * DAY), st.floats(0, 100))
def test_a_restored_queue_begins_above_what_was_given_out_since(last_id: int, seconds: float, rate: float) -> None:
    """Given as many jobs a second as providers can be asked, for as long as the backup is old, and a burst."""
    given_out = min(int(rate * seconds) + ROOM, MOST)
    assert after_restore(last_id, seconds) > last_id + given_out


def test_an_older_backup_leaves_a_larger_gap_up_to_a_limit() -> None:
    """A day is 8.6 million ids and the room; many years are no more than what NATS goes over in seconds."""
    assert after_restore(10, DAY) == 10 + ROOM + 100 * DAY + 1
    assert after_restore(10, 10_000 * DAY) == 10 + MOST + 1


def test_a_clock_that_was_set_back_leaves_the_room() -> None:
    """A backup from the future is as old as none."""
    assert after_restore(10, -DAY) == after_restore(10, 0) == 10 + ROOM + 1
