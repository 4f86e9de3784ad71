"""A gateway with limits of the test's choosing, and clients that speak to it byte by byte."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web
from tests.integration.gateway.conftest import PATIENCE
from tests.integration.gateway.serving import Served, serving

from metarr_gateway.connection import Clients


@dataclass(frozen=True)
class Answer:
    """What came over the connection."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


class RawClient:
    """A connection to the gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> Self:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()
        return self

    async def get(self, path: str = "/api/about", *headers: str) -> Answer:
        """Ask as a client does that keeps its connection."""
        lines = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", "")
        await self.send("\r\n".join(lines).encode())
        return await self.answer()

    async def answer(self) -> Answer:
        """The next whole answer."""
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(head[0].split()[1]), headers, body)

    async def rest(self) -> bytes:
        """What comes until the gateway closes."""
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                return await self.reader.read()
        return b""

    async def close(self) -> None:
        """End it."""
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


@dataclass
class Listening:
    """A gateway that listens with its own protocol."""

    served: Served
    stack: contextlib.AsyncExitStack

    @property
    def url(self) -> str:
        """Its address."""
        return self.served.url

    @property
    def clients(self) -> Clients:
        """Who is connected."""
        return self.served.clients

    @property
    def connections(self) -> int:
        """How many of its connections are open."""
        return len(self.served.server.connections)

    async def connect(self) -> RawClient:
        """A client more."""
        client = RawClient(*await asyncio.open_connection(self.served.host, self.served.port))
        self.stack.push_async_callback(client.close)
        return client


@contextlib.asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[Listening]:
    """Serve the application as production does."""
    async with contextlib.AsyncExitStack() as stack:
        yield Listening(await stack.enter_async_context(serving(app)), stack)
