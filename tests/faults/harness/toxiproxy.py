"""Toxiproxy as a process, and a thin client of it: connections that can be cut, delayed or held half open.

https://github.com/Shopify/toxiproxy - `tests/faults/harness/fetch_toxiproxy.sh` builds it.
"""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp

from metarr_local.child import Command, end, spawn
from metarr_local.ports import LOOPBACK, free_port

TOOLS = Path(__file__).parents[3] / ".tools"
START_SECONDS = 30
DIRECTIONS = ("upstream", "downstream")


def toxiproxy_program() -> str | None:
    """Where it is, if it is anywhere."""
    own = TOOLS / "toxiproxy-server"
    return str(own) if own.exists() else shutil.which("toxiproxy-server")


class Toxiproxy:
    """Its links: proxies of one name, which share their fate."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session
        self._links: dict[str, list[Mapping[str, Any]]] = {}

    async def lead(self, link: str, *upstreams: str) -> list[int]:
        """Make proxies that lead to each `host:port`; their ports."""
        ports = [free_port() for _ in upstreams]
        self._links[link] = [
            {"name": f"{link}.{number}", "listen": f"{LOOPBACK}:{port}", "upstream": upstream, "enabled": True}
            for number, (port, upstream) in enumerate(zip(ports, upstreams, strict=True))
        ]
        for proxy in self._links[link]:
            await self._call("POST", "/proxies", proxy)
        return ports

    async def switch(self, link: str, *, on: bool) -> None:
        """Refuse new connections and end those that there are, or let them through again."""
        for proxy in self._links[link]:
            await self._call("POST", f"/proxies/{proxy['name']}", {"enabled": on})

    async def spoil(self, link: str, toxic: str, attributes: Mapping[str, int]) -> None:
        """Put a toxic into both directions of all connections."""
        for proxy, stream in product(self._links[link], DIRECTIONS):
            spoilt = {"name": f"{toxic}-{stream}", "type": toxic, "stream": stream, "attributes": dict(attributes)}
            await self._call("POST", f"/proxies/{proxy['name']}/toxics", spoilt)

    async def cleanse(self, link: str) -> None:
        """Make the proxies anew, without toxics; connections end.

        To take a toxic out of a connection whose reader hangs, Toxiproxy waits for that reader.
        """
        for proxy in self._links[link]:
            await self._call("DELETE", f"/proxies/{proxy['name']}")
            await self._call("POST", "/proxies", proxy)

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        async with self._session.request(method, self._url + path, json=body) as answer:
            assert answer.ok, await answer.text()


@contextlib.asynccontextmanager
async def toxiproxy(folder: Path) -> AsyncIterator[Toxiproxy]:
    """A Toxiproxy without any proxy, which runs while the context is open."""
    program = toxiproxy_program()
    assert program, "toxiproxy-server is not here: see fetch_toxiproxy.sh"
    port = free_port()
    arguments = (program, "-host", LOOPBACK, "-port", str(port))
    with (folder / "toxiproxy.log").open("wb") as log:
        process = await spawn(Command(arguments, os.environ), log)
    url = f"http://{LOOPBACK}:{port}"
    try:
        async with aiohttp.ClientSession() as session:
            async with asyncio.timeout(START_SECONDS):
                while not await _answers(session, url):
                    await asyncio.sleep(0.02)
            yield Toxiproxy(url, session)
    finally:
        await end(process, signal.SIGTERM, 5)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    with contextlib.suppress(aiohttp.ClientError):
        async with session.get(f"{url}/version") as answer:
            return answer.ok
    return False
