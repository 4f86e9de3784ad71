"""What waits for one socket."""

from metarr_gateway.outbox import Outbox


def drained(outbox: Outbox) -> list[str]:
    """All that goes out."""
    return list(iter(outbox.take, None))


def test_progress_is_conflated_by_film() -> None:
    """Only the newest progress of a job waits; its place in the row stays."""
    outbox = Outbox(10)
    outbox.put_progress((1, 7), "1: 0")
    outbox.put_progress((2, 8), "2: 0")
    outbox.put_progress((1, 7), "1: 33")
    assert drained(outbox) == ["1: 33", "2: 0"]


def test_an_end_replaces_progress_and_is_kept() -> None:
    """Progress of an ended job is of no use; ends are never conflated."""
    outbox = Outbox(10)
    outbox.put_progress((1, 7), "progress")
    outbox.put("ack")
    outbox.put_end((1, 7), "end")
    outbox.put_progress((1, 9), "next job")
    outbox.put_end((1, 9), "its end")
    assert drained(outbox) == ["ack", "end", "its end"]


def test_progress_of_the_next_job_stays() -> None:
    """The end of an older job that comes late does not swallow it."""
    outbox = Outbox(10)
    outbox.put_progress((1, 9), "next job")
    outbox.put_end((1, 7), "late end")
    assert drained(outbox) == ["next job", "late end"]


def test_it_can_be_overfull() -> None:
    """Only when more waits than the limit."""
    outbox = Outbox(2)
    for text in "ab":
        outbox.put(text)
    assert not outbox.overfull
    outbox.put("c")
    assert outbox.overfull
