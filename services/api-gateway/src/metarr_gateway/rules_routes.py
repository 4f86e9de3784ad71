"""Addresses of the rules for runs over the whole library."""

from aiohttp import web

from metarr_contracts.rules import ChangeRules, RulesReply
from metarr_gateway import parsing
from metarr_gateway.bodies import read_json
from metarr_gateway.keys import LIBRARY
from metarr_gateway.parameters import NoParameters
from metarr_gateway.responses import succeed


async def get_rules(request: web.Request) -> web.Response:
    """`GET /api/rules`."""
    parsing.query_string(request.query.items(), NoParameters)
    return await _answer(request, ChangeRules())


async def change_rules(request: web.Request) -> web.Response:
    """`PATCH /api/rules`: what is not named stays, so nothing named changes nothing."""
    parsing.query_string(request.query.items(), NoParameters)
    return await _answer(request, await read_json(request, ChangeRules))


async def _answer(request: web.Request, wanted: ChangeRules) -> web.Response:
    return succeed(await request.app[LIBRARY].carry_out("rules", wanted, RulesReply))
