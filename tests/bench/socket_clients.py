"""Many WebSocket clients in one thread that do little more than see a message arrive, so that a server is the limit."""

import base64
import os
import select
import socket
from typing import Final

from metarr_gateway.text_frame import text_frame

PATIENCE: Final = 30.0
AT_ONCE: Final = 100
"""Clients that begin at the same moment: fewer than wait for a server that is busy."""
MASKED: Final = 0x80
PING: Final = b"\x89\x00"
PONG: Final = b"\x8a\x80\x00\x00\x00\x00"
"""Of a client, masked by nothing."""
BYTES: Final = 65_536


def client_frame(text: bytes) -> bytes:
    """A text message as a client frames it: as a server does, but masked (RFC 6455, 5.3), here by nothing."""
    frame = text_frame(text)
    head = frame[: len(frame) - len(text)]
    return bytes((head[0], head[1] | MASKED)) + head[2:] + bytes(4) + text


class SocketClients:
    """Clients of one server, on its port of the loopback interface. Pings of the server are answered while we wait."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}

    def __len__(self) -> int:
        return len(self._sockets)

    def connect(self, count: int, hello: bytes = b"", answer: bytes = b"") -> None:
        """Have so many clients in all. Each sends a text first and is there when the server's answer has come."""
        while len(self) < count:
            fresh = [self._begin() for _ in range(min(AT_ONCE, count - len(self)))]
            for client in fresh:
                _await_handshake(client)
                if hello:
                    client.sendall(client_frame(hello))
            for client in fresh:
                if answer:
                    _await_exactly(client, text_frame(answer))
                client.setblocking(False)
                self._sockets[client.fileno()] = client
                self._poll.register(client.fileno(), select.EPOLLIN)

    def say(self, text: bytes) -> None:
        """One of them sends this."""
        next(iter(self._sockets.values())).sendall(client_frame(text))

    def await_message(self, text: bytes) -> None:
        """Return when the last of them has this message; nothing but the server's pings may come before it."""
        frame = text_frame(text)
        missing = len(self)
        while missing:
            ready = self._poll.poll(PATIENCE, missing)
            if not ready:
                raise TimeoutError(f"{missing} of {len(self)} clients got nothing in {PATIENCE} s")
            missing -= sum(self._read(number) == frame for number, _ in ready)

    def rest(self) -> None:
        """Take what has come meanwhile."""
        while ready := self._poll.poll(0, len(self)):
            for number, _ in ready:
                self._read(number)

    def close(self) -> None:
        """End them all."""
        self._poll.close()
        for client in self._sockets.values():
            client.close()

    def _begin(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        client.sendall(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        return client

    def _read(self, number: int) -> bytes:
        """What a client has got, less the server's pings."""
        got = self._sockets[number].recv(BYTES)
        if not got:
            raise ConnectionResetError("the server has closed a client")
        while got.startswith(PING):
            self._sockets[number].sendall(PONG)
            got = got[len(PING) :]
        return got


def _await_handshake(client: socket.socket) -> None:
    got = b""
    while not got.endswith(b"\r\n\r\n"):
        # Byte after byte: behind it messages may follow.
        got += client.recv(1)
        if not got:
            break
    if not got.startswith(b"HTTP/1.1 101"):
        raise ConnectionRefusedError(got.decode(errors="replace"))


def _await_exactly(client: socket.socket, frame: bytes) -> None:
    got = b""
    while len(got) < len(frame):
        part = client.recv(len(frame) - len(got))
        if not part:
            break
        got += part
    if got != frame:
        raise ConnectionRefusedError(got.decode(errors="replace"))
