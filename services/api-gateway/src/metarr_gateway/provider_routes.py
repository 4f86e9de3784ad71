"""Addresses that change how providers are asked."""

from aiohttp import web

from metarr_contracts import library
from metarr_gateway import parsing
from metarr_gateway.keys import LIBRARY
from metarr_gateway.parameters import NoParameters
from metarr_gateway.responses import succeed


async def resume_provider(request: web.Request) -> web.Response:
    """`POST /api/providers/{name}/resume`: 409 where the provider was tested and does not answer."""
    parsing.query_string(request.query.items(), NoParameters)
    wanted = library.ResumeProvider(provider=parsing.provider_name(request.match_info["name"]))
    return succeed(await request.app[LIBRARY].carry_out("resume", wanted, library.Resumed))
