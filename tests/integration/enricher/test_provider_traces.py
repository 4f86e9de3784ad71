"""A request to a provider is a span that holds no secret, and the provider hears nothing of our traces."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.trace import SpanKind, StatusCode
from tests.unit.metarr_chassis.spans import kept_spans

from metarr_chassis import tracing
from metarr_contracts.movie import ExternalIds
from metarr_enricher.lane import MANUAL, Lane
from metarr_enricher.providers.client import Client, Pace
from metarr_enricher.providers.outcomes import NotFound, Throttled, Unauthorized
from metarr_enricher.providers.registry import Omdb
from metarr_enricher.providers.transport import open_transport

KEY = "s3cr3t-key"
REQUEST = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
NOT_FOUND = {"Response": "False", "Error": "Movie not found!"}
REFUSED = {"Response": "False", "Error": "Invalid API key!"}


@asynccontextmanager
async def open_gate(_lane: Lane) -> AsyncIterator[None]:
    """Lets everybody through."""
    yield


async def nothing(_: object) -> None:
    """Does nothing."""


@pytest.mark.parametrize(
    ("status", "body", "outcome", "failed"),
    [
        (200, NOT_FOUND, NotFound, None),
        (401, REFUSED, Unauthorized, "unauthorized"),
        (429, {}, Throttled, "throttled"),
    ],
)
async def test_a_request_is_a_span(status: int, body: object, outcome: type[object], failed: str | None) -> None:
    """It says who was asked and what came of it; the key is in the query, which it does not say."""
    heard: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        heard.append(request)
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_get("/", answer)
    async with TestServer(app) as server:
        url = server.make_url("/")
        async with open_transport(str(url), aiohttp.TCPConnector()) as transport:
            omdb = Omdb(Client(transport, 1, Pace(open_gate, nothing, asyncio.sleep)), KEY)
            with kept_spans() as kept:
                with tracing.processing("metarr.cmd.enrich.7", REQUEST, {}):
                    assert isinstance(await omdb.ask(ExternalIds(imdb="tt0133093"), MANUAL), outcome)
                asked, command = kept.get_finished_spans()

    said = dict(asked.attributes or {})
    assert (asked.name, asked.kind) == ("GET omdb", SpanKind.CLIENT)
    assert asked.parent == command.context
    assert (said["server.address"], said["server.port"]) == (url.host, url.port)
    assert (said["http.response.status_code"], said.get("error.type")) == (status, failed)
    assert (asked.status.status_code is StatusCode.ERROR) == (failed is not None)
    assert KEY not in asked.to_json()
    assert KEY in str(heard[0].url)
    assert not {"traceparent", "tracestate", "baggage"} & {name.lower() for name in heard[0].headers}
