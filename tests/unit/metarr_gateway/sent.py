"""Reads what goes out to a WebSocket client."""

import json
from typing import Any

from metarr_gateway.outbox import Outbox

HEAD_BYTES = {126: 4, 127: 10}
"""By the second byte of a frame; else 2."""


def sent(outbox: Outbox) -> list[Any]:
    """All that waits, as the client reads it."""
    return [json.loads(text_in(frame)) for frame in iter(outbox.take, None)]


def text_in(frame: bytes) -> bytes:
    """What a server's frame holds."""
    return frame[HEAD_BYTES.get(frame[1], 2) :]
