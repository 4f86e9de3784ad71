"""The sockets themselves: reads frames, sends what the hub puts out, closes who does not read.

A message is one frame for all its clients and is written to each by a plain call, for one event may have thousands: by
`send_str` aiohttp would frame it for each anew. Who takes less than it is sent is written to again when it has caught
up; meanwhile its messages wait in its outbox, so that it delays nobody.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from metarr_contracts.websocket import ErrorFrame, Ping, Pong, Subscribe
from metarr_gateway.buckets import Bucket, Pace
from metarr_gateway.connection import ClientConnection, connection_of
from metarr_gateway.errors import invalid
from metarr_gateway.frames import parse_frame
from metarr_gateway.hub import Hub, Socket, State
from metarr_gateway.metrics import FRAMES_SENT, SOCKETS_OPEN, socket_closed
from metarr_gateway.text_frame import text_frame
from metarr_gateway.topics import Note

log = structlog.get_logger()

HEARTBEAT_SECONDS = 30.0
MAX_FRAME_BYTES = 16 * 1024
CLOSE_SECONDS = 5.0
"""How long a client has to read on and see why it is closed."""

STOPPED = (WSCloseCode.GOING_AWAY, "the server stops")
TOO_MANY_FRAMES = (WSCloseCode.POLICY_VIOLATION, "too many frames")
SIGN_IN_AGAIN = (WSCloseCode.POLICY_VIOLATION, "sign in again")

PresentState = Callable[[Subscribe], Awaitable[State | ErrorFrame | None]]
PONG = text_frame(Pong().to_json())


class Connection:
    """One WebSocket that is written to."""

    __slots__ = ("_connection", "_transport", "_ws", "socket")

    def __init__(self, ws: web.WebSocketResponse, connection: ClientConnection, socket: Socket) -> None:
        self._ws = ws
        self._connection = connection
        self._transport = connection.transport
        self.socket = socket
        connection.on_writable = self._go_on

    def send(self) -> int:
        """Write as many of the frames that wait as the client takes; returns how many these were."""
        # A frame of ours behind one that closes would be against the protocol.
        if self._transport is None or self._transport.is_closing() or self._ws.closed:
            return 0
        sent, take = 0, self.socket.outbox.take
        while not self._connection.writing_paused and (frame := take()) is not None:
            self._transport.write(frame)
            sent += 1
        return sent

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
        self._connection.on_writable = None

    def _go_on(self) -> None:
        FRAMES_SENT.inc(self.send())


class Sockets:
    """All sockets of this process."""

    def __init__(self, hub: Hub, present_state: PresentState, frames: Pace) -> None:
        self._hub = hub
        self._frames = frames
        self._present_state = present_state
        self._connections: dict[Socket, Connection] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._closed_all = 0
        """How often all were closed."""
        self._why_all = STOPPED

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one client until it goes or is closed.

        Raises:
            metarr_gateway.errors.ApiError: the request does not begin a WebSocket.
        """
        ws = web.WebSocketResponse(
            heartbeat=HEARTBEAT_SECONDS,
            max_msg_size=MAX_FRAME_BYTES,
            timeout=CLOSE_SECONDS,
            compress=False,
            # By itself it would answer any number of pings, and nobody could count them.
            autoping=False,
        )
        if not ws.can_prepare(request).ok:
            raise invalid("Expected the beginning of a WebSocket: this address is for nothing else")
        closed_all = self._closed_all
        client = connection_of(request)
        await ws.prepare(request)
        connection = Connection(ws, client, self._hub.connect())
        self._connections[connection.socket] = connection
        SOCKETS_OPEN.inc()
        if self._stopping or self._closed_all != closed_all:
            # What all were closed for while this one began is true of it too, such as a key that is none any more.
            self._close(connection.socket, *self._why_all)
        try:
            frames = Bucket(self._frames)
            async for message in ws:
                if frames.take(monotonic()):
                    self._close(connection.socket, *TOO_MANY_FRAMES)
                    continue
                await self._receive(ws, connection.socket, message)
                FRAMES_SENT.inc(self._settle(connection.socket))
        finally:
            if self._forget(connection.socket) is not None:
                socket_closed(ws.close_code or WSCloseCode.ABNORMAL_CLOSURE)
            connection.stop()
        return ws

    def deliver(self, note: Note, text: bytes) -> None:
        """Hand a live message, whose JSON is `text`, to whoever wants it."""
        FRAMES_SENT.inc(sum(map(self._settle, self._hub.publish(note, text, monotonic()))))

    def stop(self) -> None:
        """Begin to close every socket, and each that still comes: there is, or will be, another gateway for them."""
        self._stopping = True
        self.close_all(*STOPPED)

    def close_all(self, code: WSCloseCode, reason: str) -> None:
        """Begin to close every socket."""
        self._closed_all += 1
        self._why_all = (code, reason)
        self._hub.forget_progress()
        for socket in list(self._connections):
            self._close(socket, code, reason)

    async def wait_closed(self) -> None:
        """Return when the sockets that are being closed are gone."""
        if self._closing:
            await asyncio.wait(self._closing)

    async def _receive(self, ws: web.WebSocketResponse, socket: Socket, message: WSMessage) -> None:
        if message.type is WSMsgType.PING:
            # Who asked may be gone.
            with contextlib.suppress(ConnectionError):
                await ws.pong(message.data)
            return
        if message.type is WSMsgType.PONG:
            return
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

    def _settle(self, socket: Socket) -> int:
        """Send what waits, as far as the client takes it; returns how many frames these were."""
        connection = self._connections.get(socket)
        if connection is None:
            return 0
        sent = connection.send()
        if socket.outbox.overfull:
            self._close(socket, WSCloseCode.TRY_AGAIN_LATER, "too slow")
        return sent

    def _close(self, socket: Socket, code: WSCloseCode, reason: str) -> None:
        connection = self._forget(socket)
        if connection is not None:
            log.info("socket closed", code=int(code), reason=reason)
            socket_closed(code)
            task = asyncio.create_task(connection.close(code, reason))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _forget(self, socket: Socket) -> Connection | None:
        self._hub.disconnect(socket)
        return self._connections.pop(socket, None)
