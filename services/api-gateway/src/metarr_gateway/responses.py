"""Makes HTTP answers."""

from aiohttp import web

from metarr_contracts.base import Value
from metarr_gateway.envelopes import success
from metarr_gateway.errors import ApiError

JSON = "application/json"


def succeed(answer: bytes | Value, status: int = 200) -> web.Response:
    """An answer that worked."""
    return web.Response(body=success(answer), status=status, content_type=JSON)


def fail(error: ApiError) -> web.Response:
    """An answer that did not."""
    response = web.Response(body=error.body(), status=error.http_status, content_type=JSON, headers=error.headers)
    if error.code == "request_timeout":
        # What has not come yet would be taken for the next request.
        response.force_close()
    return response
