"""Whether the process lives and can work. The database is not needed for that."""

from aiohttp import web

from metarr_chassis import health
from metarr_gateway.keys import READINESS


async def readyz(request: web.Request) -> web.Response:
    """`GET /readyz`."""
    return health.readyz(request.app[READINESS])
