"""Playing a fault instead of an answer: what goes wrong between a client and a real service."""

import asyncio
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web

from metarr_sandbox.provider import Provider
from metarr_sandbox.settings import Fault
from metarr_sandbox.wire import Answer, Asked, html, to_bytes

LONGEST_HANG = 120.0
"""Seconds after which a hung request is cut off, if the client has not gone away."""
_LOOK = 0.1
_CHUNK = 1 << 16
_WORTH_PACKING = 600
_GZIP = 31
"""zlib's window bits for a gzip header."""
_JSON = {"Content-Type": "application/json; charset=utf-8"}

CLOSING = web.AppKey("closing", asyncio.Event)
"""Set when the server shuts down, so that nothing hangs on."""


def plain(request: web.Request, answer: Answer) -> web.Response:
    """An answer as a response, compressed for those who accept it, as all three services do."""
    body, headers = answer.body, dict(answer.headers)
    if len(body) > _WORTH_PACKING and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = zlib.compress(body, level=1, wbits=_GZIP)
        headers["Content-Encoding"] = "gzip"
    return web.Response(status=answer.status, body=body, headers=headers)


async def play(
    request: web.Request, provider: Provider, fault: Fault, asked: Asked, now: datetime
) -> tuple[int, web.StreamResponse]:
    """Do what the fault says; gives the status that was sent, 0 for none or half an answer, and the response."""
    match fault.kind:
        case "timeout":
            return 0, await _hang(request)
        case "disconnect":
            return 0, await _cut(request, asked.answer())
        case "huge":
            return 200, await _stream(request, fault)
        case _:
            answer = _answer(request, provider, fault, asked, now)
            return answer.status, plain(request, answer)


def _answer(request: web.Request, provider: Provider, fault: Fault, asked: Asked, now: datetime) -> Answer:
    answers: dict[str, Callable[[], Answer]] = {
        "throttle": lambda: provider.dialect.throttled(fault.form, fault.retry_after),
        "quota": lambda: provider.quota_answer(now),
        "unauthorized": provider.unauthorized_answer,
        "http": lambda: html(fault.status, _phrase(fault.status)),
        "redirect": lambda: Answer(302, b"", {"Location": request.path_qs}),
        "garbage": lambda: Answer(200, b'<!doctype html>{"oops": [1, 2', _JSON),
        "wrong_shape": lambda: Answer(200, to_bytes(mangled(json.loads(asked.answer().body))), _JSON),
        "empty": lambda: Answer(200, b"", _JSON),
        "wrong_film": asked.answer,
    }
    return answers[fault.kind]()


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Origin Error"


def mangled(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A body with the same keys and every value of a wrong type."""
    match value:
        case dict():
            return {key: _wrong(inner) for key, inner in value.items()} or []
        case _:
            return _wrong(value)


def _wrong(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    match value:
        case str():
            return {"value": value}
        case list():
            return "none"
        case dict():
            return [1]
        case _:
            return ["odd", None]


async def _hang(request: web.Request) -> web.StreamResponse:
    """Say nothing until the client has gone, the server closes, or the longest time is over."""
    closing = request.app[CLOSING]
    with suppress(asyncio.CancelledError):  # A server may be set to cancel whom nobody waits for.
        await _until_gone(request, closing)
    return _dropped(request, web.Response())


async def _until_gone(request: web.Request, closing: asyncio.Event) -> None:
    for _ in range(int(LONGEST_HANG / _LOOK)):
        if closing.is_set() or request.transport is None or request.transport.is_closing():
            break
        with suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), _LOOK)


async def _cut(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Close the socket in the middle of the body."""
    half = len(answer.body) // 2
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body) + 1
    await response.prepare(request)
    await response.write(answer.body[: half or 1])
    return _dropped(request, response)


def _dropped(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.close()
    return response


async def _stream(request: web.Request, fault: Fault) -> web.StreamResponse:
    """One JSON string of so many bytes, for as long as the client reads."""
    packer = zlib.compressobj(level=1, wbits=_GZIP) if fault.gzip else None
    response = web.StreamResponse(headers=_JSON | ({"Content-Encoding": "gzip"} if packer else {}))
    await response.prepare(request)
    with suppress(ConnectionError):
        for piece in _pieces(fault.size):
            packed = packer.compress(piece) if packer else piece
            await response.write(packed)
            await asyncio.sleep(0)
        if packer:
            await response.write(packer.flush())
    return response


def _pieces(size: int) -> Iterator[bytes]:
    yield b'{"page":"'
    for start in range(0, size, _CHUNK):
        yield b"x" * min(_CHUNK, size - start)
    yield b'"}'
