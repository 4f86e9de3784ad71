"""Reads request bodies, never more than is allowed."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from typing import TypeVar

from aiohttp import web

from metarr_contracts.base import Request
from metarr_gateway.errors import ApiError
from metarr_gateway.keys import LIMITS
from metarr_gateway.parsing import json_body

JSON_LIMIT = 1024 * 1024
CHUNK = 64 * 1024
BODY_UNTIL = web.RequestKey("body_until", float)
"""Of a request: when its body has to be there, by the loop's clock."""

R = TypeVar("R", bound=Request)
T = TypeVar("T")


async def read_json(request: web.Request, model: type[R]) -> R:
    """The JSON object of the body; nothing at all means the defaults.

    Raises:
        ApiError: too large, compressed, not JSON, not what is expected, or it stopped coming.
    """
    require_uncompressed(request)
    body = await read_limited(chunks(request), JSON_LIMIT)
    return json_body(body, request.headers.get("Content-Type"), model)


def require_uncompressed(request: web.Request) -> None:
    """Refuse a body that would have to be unpacked.

    Raises:
        ApiError: it is compressed.
    """
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in {"", "identity"}:
        raise ApiError("unsupported_media_type", "Bodies are not taken compressed")


async def read_limited(content: AsyncIterable[bytes], limit: int) -> bytes:
    """All of it.

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


async def chunks(request: web.Request) -> AsyncIterator[bytes]:
    """The body as it comes.

    Raises:
        ApiError: nothing came for too long.
    """
    while chunk := await in_time(request, request.content.read(CHUNK)):
        yield chunk


async def in_time(request: web.Request, reading: Awaitable[T]) -> T:
    """What is read of the body.

    Raises:
        ApiError: it did not come for too long, or the whole of it takes too long.
    """
    limits, now = request.app[LIMITS], asyncio.get_running_loop().time()
    until = request.setdefault(BODY_UNTIL, now + limits.body_seconds)
    try:
        async with asyncio.timeout_at(min(until, now + limits.body_pause_seconds)):
            return await reading
    except TimeoutError as error:
        raise ApiError("request_timeout") from error
