"""The sockets themselves: reads frames, sends what the hub puts out, closes who does not read."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from metarr_contracts.websocket import ErrorFrame, Ping, Pong, Subscribe
from metarr_gateway.frames import parse_frame
from metarr_gateway.hub import Hub, Socket, State
from metarr_gateway.topics import Note

log = structlog.get_logger()

HEARTBEAT_SECONDS = 30.0
MAX_FRAME_BYTES = 16 * 1024
CLOSE_SECONDS = 5.0
"""How long a client has to read on and see why it is closed."""

PresentState = Callable[[Subscribe], Awaitable[State | ErrorFrame | None]]
PONG = Pong().to_json().decode()


class Connection:
    """One WebSocket: a task of its own sends, so that a client that does not read delays nobody."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.Transport | None, socket: Socket) -> None:
        self._ws = ws
        self._transport = transport
        self.socket = socket
        self._waits = asyncio.Event()
        self._sender = asyncio.create_task(self._send())

    def wake(self) -> None:
        """Something waits to be sent."""
        self._waits.set()

    async def close(self, code: WSCloseCode, reason: str) -> None:
        """Say why and end; a client that does not read this either is cut off."""
        self.stop()
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._ws.close(code=code, message=reason.encode(), drain=False)
        if self._transport is not None:
            # What is buffered still goes out, this frame at its end; a client that does not read holds it no longer.
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)

    def stop(self) -> None:
        """Send nothing more."""
        self._sender.cancel()

    async def _send(self) -> None:
        with contextlib.suppress(ConnectionError):
            while await self._waits.wait():
                self._waits.clear()
                while (text := self.socket.outbox.take()) is not None:
                    await self._ws.send_str(text)


class Sockets:
    """All sockets of this process."""

    def __init__(self, hub: Hub, present_state: PresentState) -> None:
        self._hub = hub
        self._present_state = present_state
        self._connections: dict[Socket, Connection] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one client until it goes or is closed."""
        ws = web.WebSocketResponse(
            heartbeat=HEARTBEAT_SECONDS, max_msg_size=MAX_FRAME_BYTES, timeout=CLOSE_SECONDS, compress=False
        )
        await ws.prepare(request)
        transport = request.transport
        connection = Connection(ws, transport, self._hub.connect())
        self._connections[connection.socket] = connection
        try:
            async for message in ws:
                await self._receive(connection.socket, message)
                self._settle(connection.socket)
        finally:
            self._forget(connection.socket)
            connection.stop()
        return ws

    def deliver(self, note: Note, text: str) -> None:
        """Hand a live message to whoever wants it."""
        for socket in self._hub.publish(note, text, monotonic()):
            self._settle(socket)

    def close_all(self, code: WSCloseCode, reason: str) -> None:
        """Begin to close every socket."""
        self._hub.forget_progress()
        for socket in list(self._connections):
            self._close(socket, code, reason)

    async def wait_closed(self) -> None:
        """Return when the sockets that are being closed are gone."""
        if self._closing:
            await asyncio.wait(self._closing)

    async def _receive(self, socket: Socket, message: WSMessage) -> None:
        if message.type is not WSMsgType.TEXT:
            self._hub.put(socket, ErrorFrame(error="Expected a text frame", code="invalid_frame"))
            return
        match parse_frame(message.data):
            case ErrorFrame() as error:
                self._hub.put(socket, error)
            case Ping():
                socket.outbox.put(PONG)
            case Subscribe() as frame:
                await self._subscribe(socket, frame)
            case frame:
                self._hub.unsubscribe(socket, frame)

    async def _subscribe(self, socket: Socket, frame: Subscribe) -> None:
        if self._hub.begin_subscribe(socket, frame):
            self._hub.end_subscribe(socket, frame, await self._present_state(frame), monotonic())

    def _settle(self, socket: Socket) -> None:
        if socket.outbox.overfull:
            self._close(socket, WSCloseCode.TRY_AGAIN_LATER, "too slow")
        elif socket in self._connections:
            self._connections[socket].wake()

    def _close(self, socket: Socket, code: WSCloseCode, reason: str) -> None:
        connection = self._forget(socket)
        if connection is not None:
            log.info("socket closed", code=int(code), reason=reason)
            task = asyncio.create_task(connection.close(code, reason))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _forget(self, socket: Socket) -> Connection | None:
        self._hub.disconnect(socket)
        return self._connections.pop(socket, None)
