"""Reads request bodies, never more than is allowed."""

from collections.abc import AsyncIterable
from typing import TypeVar

from aiohttp import web

from metarr_contracts.base import Request
from metarr_gateway.errors import ApiError
from metarr_gateway.parsing import json_body

JSON_LIMIT = 1024 * 1024
CHUNK = 64 * 1024

R = TypeVar("R", bound=Request)


async def read_json(request: web.Request, model: type[R]) -> R:
    """The JSON object of the body; nothing at all means the defaults.

    Raises:
        ApiError: too large, not JSON, or not what is expected.
    """
    body = await read_limited(request.content.iter_chunked(CHUNK), JSON_LIMIT)
    return json_body(body, request.headers.get("Content-Type"), model)


async def read_limited(content: AsyncIterable[bytes], limit: int) -> bytes:
    """All of it; a compressed body has been decompressed by then.

    Raises:
        ApiError: it is longer than `limit` bytes.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in content:
        size += len(chunk)
        if size > limit:
            raise ApiError("body_too_large", f"The body is larger than {limit // (1024 * 1024)} MB")
        chunks.append(chunk)
    return b"".join(chunks)
