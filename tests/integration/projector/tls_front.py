"""TLS before a PostgreSQL server whose build has none, as the embedded one: the side of the client is the real one."""

import asyncio
import contextlib
import ssl
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from metarr_local.ports import LOOPBACK

ASKS_FOR_TLS = struct.pack(">ii", 8, 80877103)
"""SSLRequest of the protocol, which comes before anything else."""


@dataclass
class Front:
    """Takes TLS off and hands on what is inside; who does not ask for TLS is cut off."""

    server: int
    """The port of the server behind."""
    context: ssl.SSLContext
    port: int = 0
    encrypted: int = 0
    """How many connections came by TLS."""
    refused: int = 0
    """How many asked for none, or did not like our certificate."""
    _busy: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection to its end."""
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        try:
            if await reader.readexactly(len(ASKS_FOR_TLS)) != ASKS_FOR_TLS:
                raise ConnectionRefusedError
            writer.write(b"S")
            await writer.start_tls(self.context)
        except (OSError, asyncio.IncompleteReadError):
            self.refused += 1
        else:
            self.encrypted += 1
            await self._hand_on(reader, writer)
        finally:
            writer.transport.abort()
            self._busy.discard(task)

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(LOOPBACK, self.server)
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

    async def close(self) -> None:
        """Cut off who is connected."""
        for task in self._busy:
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
    finally:
        # Also when it is cut off: an open socket is found by the garbage collector in another test.
        writer.transport.abort()


@contextlib.asynccontextmanager
async def tls_before(server: int, context: ssl.SSLContext) -> AsyncIterator[Front]:
    """Such a front on a port of its own, for the server at this one."""
    front = Front(server, context)
    listening = await asyncio.start_server(front.serve, LOOPBACK, 0)
    front.port = listening.sockets[0].getsockname()[1]
    try:
        yield front
    finally:
        listening.close()
        await front.close()
        await listening.wait_closed()
