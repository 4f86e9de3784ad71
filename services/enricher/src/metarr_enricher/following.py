"""Hears what is stored on subjects of METARR_EVENTS, in order and without gaps while the context is open."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

from metarr_chassis.bus import Bus
from metarr_contracts import streams

HEARTBEAT_SECONDS = 1.0
"""After a few without one, as after a restart of the server, the consumer is made anew."""


@contextlib.asynccontextmanager
async def following(
    bus: Bus, subject: str, told: Callable[[Msg], Awaitable[None]], config: ConsumerConfig
) -> AsyncIterator[JetStreamContext.PushSubscription]:
    """Call `told` for each message; `config` says where to begin.

    Raises:
        nats.errors.Error: the consumer could not be made.
    """
    subscription = await bus.js.subscribe(
        subject, stream=streams.EVENTS, ordered_consumer=True, idle_heartbeat=HEARTBEAT_SECONDS, cb=told, config=config
    )
    try:
        yield subscription
    finally:
        with contextlib.suppress(Exception):
            await subscription.unsubscribe()
