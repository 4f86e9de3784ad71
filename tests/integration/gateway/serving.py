"""Serves an application as production does, in this process."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from metarr_gateway import keys
from metarr_gateway.connection import Clients, ClientSite


@dataclass(frozen=True)
class Served:
    """Where it listens, and who is connected."""

    host: str
    port: int
    clients: Clients
    server: web.Server

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}:{self.port}"


@contextlib.asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[Served]:
    """Listen with our own protocol while the context is open."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        clients = Clients(app[keys.LIMITS], app[keys.REFUSALS])
        await ClientSite(runner, "127.0.0.1", 0, clients).start()
        host, port = runner.addresses[0][:2]
        assert runner.server is not None
        yield Served(host, port, clients, runner.server)
    finally:
        await runner.cleanup()
