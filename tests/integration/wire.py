"""Messages as no client of ours sends them, written to the socket of a NATS server."""

import asyncio
import json
from urllib.parse import unquote, urlsplit


async def send(url: str, subject: bytes, lines: bytes = b"", payload: bytes = b"", reply: bytes = b"") -> None:
    """Send a message; `lines` are its headers, each with its end. Returns when the server has taken it."""
    server = urlsplit(url)
    reader, writer = await asyncio.open_connection(server.hostname, server.port or 4222)
    login = {"user": unquote(server.username), "pass": unquote(server.password or "")} if server.username else {}
    writer.write(b"CONNECT %b\r\n" % json.dumps({"verbose": False, "headers": True, **login}).encode())
    head = b"NATS/1.0\r\n%b\r\n" % lines
    sizes = b"%d %d" % (len(head), len(head) + len(payload))
    writer.write(b"HPUB %b %b\r\n%b%b\r\nPING\r\n" % (subject, reply + b" " + sizes, head, payload))
    async with asyncio.timeout(120):
        while (line := await reader.readline()) != b"PONG\r\n":
            assert line.startswith((b"INFO", b"PING")), line
    writer.close()
    await writer.wait_closed()
