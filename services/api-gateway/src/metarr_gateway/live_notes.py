"""Receives the live notes of the bus and watches for gaps in them."""

import contextlib
from collections.abc import AsyncIterator

import nats.errors
import structlog
from aiohttp import WSCloseCode
from nats.aio.msg import Msg
from pydantic import ValidationError

from metarr_chassis.bus import Bus
from metarr_contracts import subjects
from metarr_contracts.websocket import MOVIE_NOTE
from metarr_gateway.sockets import Sockets

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def follow(bus: Bus, sockets: Sockets) -> AsyncIterator[None]:
    """Deliver notes while the context is open; after a gap all clients have to come again and read anew."""

    async def receive(message: Msg) -> None:
        try:
            sockets.deliver(MOVIE_NOTE.validate_json(message.data), message.data.decode())
        except ValidationError as error:
            log.warning("note not understood", subject=message.subject, error=str(error))

    async def close_after_gap() -> None:
        sockets.close_all(WSCloseCode.SERVICE_RESTART, "messages were missed; read again")

    subscription = await bus.listen(subjects.LIVE_MOVIES, receive)
    bus.on_reconnect.append(close_after_gap)
    try:
        yield
    finally:
        bus.on_reconnect.remove(close_after_gap)
        with contextlib.suppress(nats.errors.Error):
            await subscription.unsubscribe()
