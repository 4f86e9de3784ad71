"""Each request is a span, with the route and not the address, and what it leads to belongs to it."""

from random import getrandbits

from aiohttp import web
from aiohttp.typedefs import Handler
from opentelemetry.trace import SpanKind

from metarr_chassis import correlation, tracing
from metarr_gateway.metrics import METHODS
from metarr_gateway.middleware import QUIET, SERVER_ERROR

UNTRACED = QUIET | {"/ws"}
"""What is asked every few seconds; and a WebSocket, which lasts for hours: each note on it belongs to its own trace."""


@web.middleware
async def trace_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A span that goes on with the trace of whoever asks."""
    resource = request.match_info.route.resource
    route = resource.canonical if resource else None
    # Told apart, not kept secret: random enough, as the ids of traces are, and made without asking the system.
    with correlation.belonging_to(f"{getrandbits(128):032x}"):
        if route in UNTRACED or not tracing.is_traced(request.headers):
            return await handler(request)
        method = request.method if request.method in METHODS else "_OTHER"
        verb = method if method in METHODS else "HTTP"
        said = {
            "http.request.method": method,
            "url.scheme": request.scheme,
            "url.path": request.path,
            **({"http.route": route} if route else {}),
        }
        with tracing.span(
            f"{verb} {route}" if route else verb, SpanKind.SERVER, said, context=tracing.context_of(request.headers)
        ):
            response = await handler(request)
            tracing.say("http.response.status_code", response.status)
            if response.status >= SERVER_ERROR:
                tracing.fail(str(response.status))
            return response
