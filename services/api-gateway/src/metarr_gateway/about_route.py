"""`GET /api/about`: which Metarr this is; nobody else is asked."""

from functools import cache
from importlib.metadata import version

from aiohttp import web

from metarr_contracts.http import About
from metarr_gateway import parsing
from metarr_gateway.keys import SETTINGS
from metarr_gateway.parameters import NoParameters
from metarr_gateway.responses import succeed


async def about(request: web.Request) -> web.Response:
    """The version, and whether it is a demo."""
    parsing.query_string(request.query.items(), NoParameters)
    return succeed(About(version=_version(), demo=request.app[SETTINGS].sandbox_url is not None))


@cache
def _version() -> str:
    """Read once: it is in a file of the installed package."""
    return version("metarr-gateway")
