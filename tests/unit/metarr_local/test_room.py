"""When a server that could not write is restarted."""

from itertools import pairwise

import pytest

from metarr_local.room import FIRST_PAUSE, LONGEST_PAUSE, ROOM_BYTES, Look, Seen, Step, after_look

FULL = ROOM_BYTES - 1


def steps(*looks: Look) -> list[Step]:
    """What is done at each look."""
    seen, done = Seen(), []
    for look in looks:
        step, seen = after_look(look, seen)
        done.append(step)
    return done


@pytest.mark.parametrize("free", [0, FULL, ROOM_BYTES])
def test_a_server_that_stores_is_left_alone(free: int) -> None:
    """Given no failed write, when the disk is full, then nothing is done: the server may never want to write."""
    assert steps(Look(0, stores=True, free=free)) == [Step.NOTHING]


def test_a_full_disk_is_told_once_and_waited_for() -> None:
    """Given a failed write, when the disk stays full, then that is said once and nothing is restarted."""
    looks = (Look(at, stores=False, free=FULL) for at in range(0, 10_000, 5))
    assert steps(*looks) == [Step.SAY, *[Step.NOTHING] * 1_999]


def test_room_brings_a_restart() -> None:
    """Given a failed write, when there is room again, then the server is restarted, once."""
    full, room, better = (
        Look(0, stores=False, free=0),
        Look(5, stores=False, free=ROOM_BYTES),
        Look(10, stores=True, free=10**9),
    )
    assert steps(full, room, better) == [Step.SAY, Step.RESTART, Step.NOTHING]


def test_a_disk_that_was_full_between_two_looks() -> None:
    """Given room at the first look after a failed write, then the server is restarted all the same."""
    assert steps(Look(0, stores=False, free=ROOM_BYTES)) == [Step.RESTART]


def test_a_disk_that_is_full_again_is_told_again() -> None:
    """Given a restart, when the disk is full once more, then that is said once more."""
    first = (Look(0, stores=False, free=0), Look(5, stores=False, free=10**9))
    again = (Look(10, stores=False, free=0), Look(15, stores=False, free=0))
    assert steps(*first, *again) == [Step.SAY, Step.RESTART, Step.SAY, Step.NOTHING]


def test_what_fails_with_room_is_tried_less_and_less_often() -> None:
    """Given writes that fail although there is room, then pauses double up to an hour."""
    looks = [Look(at, stores=False, free=10**12) for at in range(0, 50_000, 10)]
    times = [look.at for look, step in zip(looks, steps(*looks), strict=True) if step is Step.RESTART]
    pauses = [after - before for before, after in pairwise(times)]
    assert pauses[:7] == [FIRST_PAUSE, 120, 240, 480, 960, 1920, LONGEST_PAUSE]
    assert set(pauses[7:]) == {LONGEST_PAUSE}


def test_a_server_that_stored_for_the_pause_has_a_clean_slate() -> None:
    """Given a restart that helped, when the disk is full another day, then room brings a restart at once."""
    helped = (Look(0, stores=False, free=10**9), Look(FIRST_PAUSE, stores=True, free=10**9))
    another_day = (Look(FIRST_PAUSE + 5, stores=False, free=10**9), Look(2 * FIRST_PAUSE + 5, stores=False, free=10**9))
    assert steps(*helped, *another_day) == [Step.RESTART, Step.NOTHING, Step.RESTART, Step.RESTART]
