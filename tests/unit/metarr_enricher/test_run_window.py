"""How many films of a run are at work at once, by how many hands the queue knows of."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from metarr_chassis.bus import Bus
from metarr_enricher.run_window import RunWindow

HANDS = st.integers(2, 512)


class Queue:
    """A bus whose consumer of the queue stands so."""

    def __init__(self, waiting: int, handed_out: int) -> None:
        self._told = {"num_waiting": waiting, "num_ack_pending": handed_out}

    async def api(self, call: str) -> dict[str, int]:
        """As the server answers."""
        assert call == "CONSUMER.INFO.METARR_COMMANDS.enricher"
        return self._told


@given(HANDS, st.data(), st.integers(1, 20))
def test_each_replica_has_the_same_part_of_it(hands: int, data: st.DataObject, replicas: int) -> None:
    """So many films for each; the other hands are free for refreshes by hand."""
    films = data.draw(st.integers(1, hands - 1))
    window = RunWindow(cast("Bus", None), films, hands)
    assert window.over(replicas * hands) == replicas * films < replicas * hands


@given(HANDS, st.data(), st.integers(0, 2_000))
def test_it_is_never_below_that_of_the_lead(hands: int, data: st.DataObject, seen: int) -> None:
    """Its own hands may all be between two commands when the queue is asked."""
    films = data.draw(st.integers(1, hands - 1))
    assert RunWindow(cast("Bus", None), films, hands).over(seen) >= films


async def test_hands_wait_or_have_a_command() -> None:
    """Both are counted."""
    assert await RunWindow(cast("Bus", Queue(waiting=30, handed_out=18)), 16, 24).now() == 32
