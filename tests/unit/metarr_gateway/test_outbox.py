"""What waits for one socket."""

from metarr_gateway.outbox import CONFLATE_FROM, Outbox
from metarr_gateway.topics import film


def drained(outbox: Outbox) -> list[bytes]:
    """All that goes out."""
    return list(iter(outbox.take, None))


def behind() -> Outbox:
    """The outbox of a client that does not keep up."""
    outbox = Outbox(10 * CONFLATE_FROM)
    for _ in range(CONFLATE_FROM):
        outbox.put(b"earlier")
    return outbox


def rest(outbox: Outbox) -> list[bytes]:
    """What goes out after the earlier frames."""
    return [frame for frame in drained(outbox) if frame != b"earlier"]


def test_a_client_that_keeps_up_sees_every_step() -> None:
    """Steps that come faster than one turn of the loop are all sent."""
    outbox = Outbox(10)
    for step in (b"0", b"33", b"66", b"100"):
        outbox.put_progress((film(1), 7), step)
    outbox.put_end((film(1), 7), b"end")
    assert drained(outbox) == [b"0", b"33", b"66", b"100", b"end"]


def test_progress_is_conflated_by_film_for_a_client_that_is_behind() -> None:
    """Only the newest progress of a job waits; its place in the row stays."""
    outbox = behind()
    outbox.put_progress((film(1), 7), b"1: 0")
    outbox.put_progress((film(2), 8), b"2: 0")
    outbox.put_progress((film(1), 7), b"1: 33")
    assert rest(outbox) == [b"1: 33", b"2: 0"]


def test_an_end_replaces_progress_and_is_kept() -> None:
    """Progress of an ended job is of no use to who is behind; ends are never conflated."""
    outbox = behind()
    outbox.put_progress((film(1), 7), b"progress")
    outbox.put(b"ack")
    outbox.put_end((film(1), 7), b"end")
    outbox.put_progress((film(1), 9), b"next job")
    outbox.put_end((film(1), 9), b"its end")
    assert rest(outbox) == [b"ack", b"end", b"its end"]


def test_progress_of_the_next_job_stays() -> None:
    """The end of an older job that comes late does not swallow it."""
    outbox = behind()
    outbox.put_progress((film(1), 9), b"next job")
    outbox.put_end((film(1), 7), b"late end")
    assert rest(outbox) == [b"next job", b"late end"]


def test_it_can_be_overfull() -> None:
    """Only when more waits than the limit."""
    outbox = Outbox(2)
    for frame in (b"a", b"b"):
        outbox.put(frame)
    assert not outbox.overfull
    outbox.put(b"c")
    assert outbox.overfull
