"""An answer to a request that was never whole, as it goes over the connection. Pure."""

from http import HTTPStatus

from metarr_gateway.answer_headers import ALWAYS
from metarr_gateway.errors import ApiError


def last_answer(error: ApiError) -> bytes:
    """The failure, after which the connection is closed."""
    body = error.body()
    status = HTTPStatus(error.http_status)
    headers = {
        **ALWAYS,
        **error.headers,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = (f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items()))
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
