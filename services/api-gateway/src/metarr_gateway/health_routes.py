"""Whether the process lives and can work. The database is not needed for that."""

from aiohttp import web

from metarr_chassis import health
from metarr_gateway.keys import BUS, READINESS


async def readyz(request: web.Request) -> web.Response:
    """`GET /readyz`."""
    connected = request.app[BUS].nc.is_connected
    request.app[READINESS].set("bus", ready=connected, why="not connected to NATS")
    return health.readyz(request.app[READINESS])
