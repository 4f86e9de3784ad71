"""Before all else that is done for a request: may this client ask so much, and what does every answer say."""

import math
from time import monotonic

from aiohttp import web
from aiohttp.typedefs import Handler

from metarr_gateway.access import came_by_https
from metarr_gateway.admission import ASKED_BY_MACHINES
from metarr_gateway.answer_headers import complete
from metarr_gateway.client_address import client_of
from metarr_gateway.connection import ClientConnection
from metarr_gateway.errors import ApiError
from metarr_gateway.keys import BUCKETS, LIMITS, REFUSALS
from metarr_gateway.responses import fail


@web.middleware
async def limit_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who asks too often costs neither a look at its request nor a line of the log."""
    if request.path in ASKED_BY_MACHINES:
        return await handler(request)
    forwarded_for = request.headers.getall("X-Forwarded-For", ())
    client = client_of(request.remote or "", forwarded_for, request.app[LIMITS].trusted)
    wait = request.app[BUCKETS].take(client, monotonic())
    if not wait:
        return await handler(request)
    failure = ApiError("too_many_requests", headers={"Retry-After": str(math.ceil(wait))})
    request.app[REFUSALS].add(failure.code, client, failure.http_status, request.method)
    return fail(failure)


@web.middleware
async def tell_connection(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The connection waits for a head no longer, and after the answer for the next."""
    connection = request.protocol
    if not isinstance(connection, ClientConnection):
        return await handler(request)
    connection.request_began(request.content)
    try:
        return await handler(request)
    finally:
        connection.request_ended()


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """What every answer says beside its content."""
    complete(response.headers, by_https=came_by_https(request))
