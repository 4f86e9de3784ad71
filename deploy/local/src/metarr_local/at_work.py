"""Which services are at work on a bus."""

from collections.abc import Mapping
from typing import Any

import nats.errors
import nats.js.errors

from metarr_chassis.bus import Bus
from metarr_contracts import streams

SERVICES: Mapping[str, str] = {
    "gateway": "gateway",
    "enricher": "enricher",
    "scheduler": "scheduler",
    "projector": "projector",
    "projector-operations": "projector",
}
"""The names by which services answer on the bus."""
ANSWER_SECONDS = 20.0
"""So long is waited for who listens and does not answer; that nobody listens the server says at once."""
FOLLOWED = (streams.COMMANDS, streams.EVENTS)


async def services_at_work(bus: Bus) -> list[str]:
    """Names of those that answer, and `a reader of <stream>` where somebody waits for messages. Empty: nobody is.

    A service that has just been killed may still be waited for by the server for a few seconds.
    """
    names = await _answering(bus)
    return names or [f"a reader of {stream}" for stream in FOLLOWED if await _is_followed(bus, stream)]


async def _answering(bus: Bus) -> list[str]:
    found: set[str] = set()
    for name, service in SERVICES.items():
        try:
            await bus.nc.request(f"$SRV.PING.{name}", timeout=ANSWER_SECONDS)
        except nats.errors.NoRespondersError:
            continue
        except nats.errors.TimeoutError:
            # The server knows of somebody who listens there: one that hangs, or has much to do.
            pass
        found.add(service)
    return sorted(found)


async def _is_followed(bus: Bus, stream: str) -> bool:
    try:
        listed = await bus.api(f"CONSUMER.LIST.{stream}")
    except nats.js.errors.NotFoundError:
        return False
    consumers: list[dict[str, Any]] = listed.get("consumers") or []
    return any(consumer.get("push_bound") or consumer.get("num_waiting") for consumer in consumers)
