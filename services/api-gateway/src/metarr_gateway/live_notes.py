"""Receives the live notes of the bus and watches for gaps in them."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import nats.errors
import structlog
from aiohttp import WSCloseCode
from nats.aio.msg import Msg
from pydantic import TypeAdapter, ValidationError

from metarr_chassis import tracing
from metarr_chassis.bus import Bus
from metarr_contracts import subjects
from metarr_contracts.websocket import BULK_NOTE, MOVIE_NOTE, BulkNote, MovieNote
from metarr_gateway.sockets import Sockets

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def follow(bus: Bus, sockets: Sockets) -> AsyncIterator[None]:
    """Deliver notes while the context is open; after a gap all clients have to come again and read anew.

    So they have when the read models are others than before.
    """

    async def close_after_gap() -> None:
        sockets.close_all(WSCloseCode.SERVICE_RESTART, "messages were missed; read again")

    async def made_anew(_note: Msg) -> None:
        sockets.close_all(WSCloseCode.SERVICE_RESTART, "everything is read anew; read again")

    async with (
        _listening(bus, subjects.LIVE_ANEW, made_anew),
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
        with tracing.delivering(message.subject, message.headers):
            try:
                sockets.deliver(notes.validate_json(message.data), message.data)
            except ValidationError as error:
                log.warning("note not understood", subject=message.subject, error=str(error))
            else:
                log.debug("note", subject=message.subject)

    async with _listening(bus, subject, receive):
        yield


@contextlib.asynccontextmanager
async def _listening(bus: Bus, subject: str, heard: Callable[[Msg], Awaitable[None]]) -> AsyncIterator[None]:
    subscription = await bus.listen(subject, heard)
    try:
        yield
    finally:
        with contextlib.suppress(nats.errors.Error):
            await subscription.unsubscribe()
