"""Sees to it that the embedded NATS server can store again when there is room after a full disk."""

import asyncio
import shutil
import time
from collections.abc import Callable

from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.errors import LocalError
from metarr_local.keeper import Keeper
from metarr_local.nats_health import write_error
from metarr_local.room import ROOM_BYTES, Look, Seen, Step, after_look
from metarr_local.sizes import in_words

LOOK_SECONDS = 5.0


async def keep_storing(bus: EmbeddedNats, keeper: Keeper, say: Callable[[str], None]) -> None:
    """Look every few seconds, until cancelled; `keeper` keeps this server."""
    seen = Seen()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            error = await write_error(bus.health_url)
            free = shutil.disk_usage(bus.store).free
        except (LocalError, OSError):
            # It does not run, or starts, or hangs: that is its keeper's business.
            continue
        step, seen = after_look(Look(time.monotonic(), stores=error is None, free=free), seen)
        where = f"{in_words(free)} free in {bus.store}"
        if step is Step.SAY:
            say(f"NATS can store nothing ({error}): {where}. Make room; with {in_words(ROOM_BYTES)} it is restarted.")
        elif step is Step.RESTART:
            say(f"NATS could not store ({error}), and there is room now: {where}. Restarting it.")
            await keeper.restart(bus)
