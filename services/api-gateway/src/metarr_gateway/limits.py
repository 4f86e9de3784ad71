"""How much of the gateway one client may have. Pure."""

from dataclasses import dataclass

from metarr_gateway.buckets import Pace
from metarr_gateway.client_address import Networks

BURST_SECONDS = 5
"""For so long a client may come at twice its rate; a page that opens asks for much at once."""
FRAMES = Pace(per_second=20, burst=100)
"""Frames of one WebSocket. Our own UI sends one when a page opens or closes and one each 10 s."""


@dataclass(frozen=True)
class Limits:
    """Of one client, by its address.

    Attributes:
        trusted: Proxies whose word on the client counts, and whose connections are not counted.
        head_seconds: From the first byte of a request, or the beginning of the connection, until the head is there.
        body_pause_seconds: The longest pause in a request's body.
        body_seconds: For the whole of it; 64 MB come in that time at 2 Mbit/s.
        unread_seconds: For so long a client may take nothing of what is sent to it.
        idle_seconds: For so long a connection is kept without a request.
        linger_seconds: For so long the rest of a body is read that was answered before it was whole.
        parting_seconds: For so long a connection stays that was told why it is closed.
        frames: Of one WebSocket.
    """

    requests: Pace
    connections: int
    trusted: Networks = ()
    head_seconds: float = 10.0
    body_pause_seconds: float = 30.0
    body_seconds: float = 300.0
    unread_seconds: float = 30.0
    idle_seconds: float = 75.0
    linger_seconds: float = 10.0
    parting_seconds: float = 1.0
    frames: Pace = FRAMES
