"""Receives the live notes of the bus and watches for gaps in them."""

import contextlib
from collections.abc import AsyncIterator

import nats.errors
import structlog
from aiohttp import WSCloseCode
from nats.aio.msg import Msg
from pydantic import TypeAdapter, ValidationError

from metarr_chassis.bus import Bus
from metarr_contracts import subjects
from metarr_contracts.websocket import BULK_NOTE, MOVIE_NOTE, BulkNote, MovieNote
from metarr_gateway.sockets import Sockets

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def follow(bus: Bus, sockets: Sockets) -> AsyncIterator[None]:
    """Deliver notes while the context is open; after a gap all clients have to come again and read anew."""

    async def close_after_gap() -> None:
        sockets.close_all(WSCloseCode.SERVICE_RESTART, "messages were missed; read again")

    async with (
        _deliver(bus, subjects.LIVE_MOVIES, MOVIE_NOTE, sockets),
        _deliver(bus, subjects.LIVE_BULK, BULK_NOTE, sockets),
    ):
        bus.on_reconnect.append(close_after_gap)
        try:
            yield
        finally:
            bus.on_reconnect.remove(close_after_gap)


@contextlib.asynccontextmanager
async def _deliver(
    bus: Bus, subject: str, notes: TypeAdapter[MovieNote] | TypeAdapter[BulkNote], sockets: Sockets
) -> AsyncIterator[None]:
    async def receive(message: Msg) -> None:
        try:
            sockets.deliver(notes.validate_json(message.data), message.data.decode())
        except ValidationError as error:
            log.warning("note not understood", subject=message.subject, error=str(error))

    subscription = await bus.listen(subject, receive)
    try:
        yield
    finally:
        with contextlib.suppress(nats.errors.Error):
            await subscription.unsubscribe()
