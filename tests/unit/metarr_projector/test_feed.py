"""What the feed reads from the reply subject of a message."""

import pytest

from metarr_projector.feed import places


@pytest.mark.parametrize(
    "reply",
    [
        "$JS.ACK.METARR_EVENTS.projector-1.1.4711.17.1763780400000000000.5",
        "$JS.ACK.hub.ACCOUNTHASH.METARR_EVENTS.projector-1.1.4711.17.1763780400000000000.5",
        "$JS.ACK.hub.ACCOUNTHASH.METARR_EVENTS.projector-1.1.4711.17.1763780400000000000.5.token",
    ],
    ids=["stream and consumer alone", "with domain and account", "with a token of the server's"],
)
def test_places(reply: str) -> None:
    """The sequences in stream and consumer are found in each form in which servers write them."""
    assert places(reply) == (4711, 17)
