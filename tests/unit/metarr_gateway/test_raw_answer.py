"""An answer to a request that was never whole."""

import json

import pytest

from metarr_gateway.answer_headers import ALWAYS
from metarr_gateway.errors import ApiError
from metarr_gateway.raw_answer import last_answer


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ApiError("request_timeout"), "HTTP/1.1 408 Request Timeout"),
        (ApiError("too_many_connections", headers={"Retry-After": "1"}), "HTTP/1.1 429 Too Many Requests"),
    ],
)
def test_it_is_whole_and_the_last(error: ApiError, line: str) -> None:
    """Its length is right, its headers are those of every answer, and the connection ends with it."""
    head, _, body = last_answer(error).partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = dict(header.split(": ", 1) for header in rest)
    assert first == line
    assert headers == {
        **ALWAYS,
        **error.headers,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    assert json.loads(body) == json.loads(error.body())
