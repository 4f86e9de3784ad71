"""Commands that are settled and in the queue all the same: nobody is given them any more, and their films stay taken.

A NATS server that cannot write, as with a full disk, may remember an acknowledgement and forget what it has removed for
it. All up to a consumer's floor is acknowledged: what is still there is acknowledged once more, and then removed.
"""

import asyncio

import nats.errors
import nats.js.errors
import structlog

from metarr_chassis.bus import Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts.streams import CONSUMERS, ConsumerDefinition

log = structlog.get_logger()

SWEEP_SECONDS = 20.0


async def sweep(bus: Bus) -> None:
    """Look for such commands now and then, until cancelled."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            for consumer in CONSUMERS:
                await _sweep(bus, consumer)
        except (BusUnavailableError, nats.js.errors.APIError, nats.errors.Error) as error:
            log.debug("not swept", error=repr(error))


async def _sweep(bus: Bus, consumer: ConsumerDefinition) -> None:
    info = await bus.api(f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}")
    floor, seq = int(info["ack_floor"]["stream_seq"]), 0
    while (left := await bus.next_message(consumer.stream, consumer.filter_subject, seq + 1)) and left.seq <= floor:
        seq = left.seq
        log.warning("command was left in the queue", subject=left.subject, job=seq)
        # As whoever was given it: delivered once, and neither when nor what else waits is of interest.
        await bus.nc.publish(f"$JS.ACK.{consumer.stream}.{consumer.durable}.1.{seq}.{seq}.0.0", b"+ACK")
