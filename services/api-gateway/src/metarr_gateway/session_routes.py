"""Signing in and out: a browser knows the key once and has a cookie from then on."""

from aiohttp import web

from metarr_contracts.http import Session, SignIn
from metarr_gateway import parsing, sessions
from metarr_gateway.access import came_by_https
from metarr_gateway.admission import CHALLENGE
from metarr_gateway.bodies import read_json
from metarr_gateway.errors import ApiError
from metarr_gateway.keys import ACCESS
from metarr_gateway.parameters import NoParameters
from metarr_gateway.responses import succeed


async def get_session(request: web.Request) -> web.Response:
    """`GET /api/session`."""
    parsing.query_string(request.query.items(), NoParameters)
    access = request.app[ACCESS]
    return succeed(Session(required=access.key is not None, signed_in=access.is_known(request)))


async def sign_in(request: web.Request) -> web.Response:
    """`POST /api/session`: the cookie for the key."""
    parsing.query_string(request.query.items(), NoParameters)
    given = await read_json(request, SignIn)
    # Asked only now: the key may have been replaced while the body came.
    key = request.app[ACCESS].key
    response = succeed(Session(required=key is not None, signed_in=True))
    if key is None:
        return response
    if not key.is_known_to(given.api_key.get_secret_value()):
        raise ApiError("wrong_api_key", field="apiKey", headers=CHALLENGE)
    lasting = int(sessions.LASTING.total_seconds())
    _set_cookie(request, response, sessions.begin(key), lasting)
    return response


async def sign_out(request: web.Request) -> web.Response:
    """`DELETE /api/session`: the browser forgets its cookie."""
    parsing.query_string(request.query.items(), NoParameters)
    key = request.app[ACCESS].key
    response = succeed(Session(required=key is not None, signed_in=key is None))
    _set_cookie(request, response, "", 0)
    return response


def _set_cookie(request: web.Request, response: web.Response, value: str, lasting: int) -> None:
    response.set_cookie(
        sessions.COOKIE,
        value,
        max_age=lasting,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=came_by_https(request),
    )
