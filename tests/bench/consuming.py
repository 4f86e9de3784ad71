"""Takes the events of a stream as the projector does and decodes them, and nothing else: a ceiling of row 4.

A process of its own, as the projector is one. Run: `python -m tests.bench.consuming NATS_URL LAST_SEQUENCE`. Prints
sequence, time and processor time where it began, where half of the events had come, and at the end.
"""

import asyncio
import json
import os
import sys

from tests.bench.halves import Halves

from metarr_chassis.bus import connect
from metarr_projector.__main__ import look_seldom_for_cycles
from metarr_projector.batches import MAX_BATCH
from metarr_projector.decoding import decode
from metarr_projector.feed import Feed

PATIENCE_SECONDS = 60


async def consume(url: str, end: int) -> Halves:
    """All events up to this one."""
    halves = Halves(end, os.getpid())
    async with connect(url, "bench") as bus, Feed(bus, 1) as feed:
        while not halves.are_over:
            events = list(map(decode, await feed.take(MAX_BATCH, patience=PATIENCE_SECONDS, until=end)))
            halves.look(events[-1].seq)
            # As in the projector, messages come in while others are decoded.
            await asyncio.sleep(0)
    return halves


if __name__ == "__main__":
    look_seldom_for_cycles()
    print(json.dumps(asyncio.run(consume(sys.argv[1], int(sys.argv[2]))).looks))
