"""A client that hides nothing: one connection, one request after the other, no repetition."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """A whole answer. `is_last` says that the server closes the connection after it."""

    status: int
    body: bytes
    is_last: bool


class Wire:
    """One connection that is used again and again."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._asked_at = monotonic()
        self.pause = 0.0
        """At most so many seconds were between the last request and the one before."""

    async def send(self, text: str) -> None:
        """Send a request, or a part of one."""
        self._writer.write(text.encode())
        await self._writer.drain()

    async def ask(self, method: str, path: str) -> Reply:
        """Send a request without a body and read its answer.

        Raises:
            EOFError, OSError: the connection ended before the answer did.
        """
        asked_at = monotonic()
        try:
            await self.send(request(method, path))
        finally:
            self.pause, self._asked_at = monotonic() - self._asked_at, asked_at
        return await self.reply()

    async def reply(self) -> Reply:
        """Read the next answer.

        Raises:
            EOFError, OSError: the connection ended before the answer did.
        """
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = _headers(head[1:])
        body = await self._reader.readexactly(int(headers["content-length"]))
        return Reply(int(head[0].split()[1]), body, headers.get("connection") == "close")


def request(method: str, path: str) -> str:
    """A request without a body."""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"


def _headers(lines: list[str]) -> Mapping[str, str]:
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}


@contextlib.asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[Wire]:
    """A connection; OSError where nobody listens."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def silent(url: str, request: str) -> AsyncIterator[None]:
    """A client that sends this, and neither sends nor reads anything more; the server has taken it."""
    async with wire_to(url) as wire, wire_to(url) as other:
        await wire.send(request)
        # What was sent before is taken by the time that another connection is answered.
        await other.ask("GET", "/healthz")
        yield
