"""What one client may have of the gateway: each limit with its exact answer, while others are served."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from time import sleep
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from structlog.testing import capture_logs
from tests.integration.gateway.conftest import PATIENCE, StandIn, eventually
from tests.integration.gateway.raw import Answer, Listening, RawClient, listening

from metarr_chassis.bus import connect
from metarr_chassis.clock import Clock
from metarr_chassis.errors import RefusedError
from metarr_chassis.health import Readiness
from metarr_chassis.micro import serve
from metarr_chassis.service import Context
from metarr_chassis.topology import setup, verify
from metarr_contracts import subjects
from metarr_contracts.channels import QUERIES, VERBS
from metarr_gateway.bootstrap import wire
from metarr_gateway.buckets import Pace
from metarr_gateway.client_address import read_networks
from metarr_gateway.import_route import MAX_AT_ONCE
from metarr_gateway.limits import Limits
from metarr_gateway.settings import GatewaySettings

SOON = 0.05
A_MOMENT = 0.5
WIDE = Limits(
    Pace(10_000, 10_000),
    connections=1_000,
    head_seconds=PATIENCE,
    body_pause_seconds=PATIENCE,
    unread_seconds=PATIENCE,
    parting_seconds=PATIENCE,
)
SELDOM = 0.001
"""A second, as a pace: nothing becomes free while a test runs."""
STARTED = b"GET /api/about HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WHOLE = STARTED + b"\r\n"
HELD = b"POST /api/movies HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{"
FORM = (
    b"POST /api/movies/import HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    b"Content-Length: 9000\r\n\r\n--b\r\nContent-Disposition: form-data"
)
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)
PING = b"\x89\x80mask"
"""A frame that holds nothing."""

Start = Callable[[Limits], AbstractAsyncContextManager[Listening]]


@pytest.fixture
async def start(settings: GatewaySettings, stand_in: StandIn) -> Start:
    """Starts a gateway with these limits."""

    @contextlib.asynccontextmanager
    async def start(limits: Limits) -> AsyncIterator[Listening]:
        await setup(settings.nats_url, demo=False)
        async with contextlib.AsyncExitStack() as stack:
            bus = await stack.enter_async_context(connect(settings.nats_url, "gateway"))
            answered = [*map(subjects.query, QUERIES), *map(subjects.library, VERBS)]
            await stack.enter_async_context(serve(bus, "others", "Stand-ins", [*map(stand_in.endpoint, answered)]))
            store = await verify(bus, demo=False)
            app = wire(Context(settings, bus, Clock(), Readiness(), store), limits)
            yield await stack.enter_async_context(listening(app))

    return start


def refused(answer: Answer, status: int, code: str) -> None:
    """It is a failure in the usual form, with the usual headers."""
    assert (answer.status, answer.json["success"], answer.json["code"]) == (status, False, code)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@contextlib.asynccontextmanager
async def sockets(gateway: Listening) -> AsyncIterator[tuple[ClientWebSocketResponse, ClientWebSocketResponse]]:
    """Two WebSockets."""
    async with (
        aiohttp.ClientSession(gateway.url) as http,
        http.ws_connect("/ws", autoping=False) as one,
        http.ws_connect("/ws", autoping=False) as other,
    ):
        yield one, other


async def lives(client: ClientWebSocketResponse) -> bool:
    """The gateway answers on it."""
    await client.send_json({"type": "ping"})
    return bool(await client.receive_json(timeout=PATIENCE) == {"type": "pong"})


async def test_too_many_requests(start: Start) -> None:
    """Given a burst of 3, the fourth is 429 with Retry-After; the connection lives on, probes are not counted."""
    async with start(replace(WIDE, requests=Pace(SELDOM, 3))) as gateway:
        client = await gateway.connect()
        assert [(await client.get()).status for _ in range(3)] == [200] * 3
        answer = await client.get()
        refused(answer, 429, "too_many_requests")
        assert 1 <= int(answer.headers["retry-after"]) <= 1_000
        assert [(await client.get(path)).status for path in ("/healthz", "/readyz", "/healthz")] == [200] * 3
        refused(await (await gateway.connect()).get("/nowhere"), 429, "too_many_requests")


async def test_clients_behind_a_proxy_are_counted_apart(start: Start) -> None:
    """The last address that is no proxy's counts; of IPv6 a /64."""
    limits = replace(WIDE, requests=Pace(SELDOM, 1), trusted=read_networks("127.0.0.1, 10.0.0.0/8"), connections=1)
    async with start(limits) as gateway:
        await gateway.connect()
        client = await gateway.connect()
        asked = {
            "198.51.100.1": 200,
            "6.6.6.6, 198.51.100.1": 429,
            "198.51.100.1, 10.1.1.1": 429,
            "198.51.100.2": 200,
            "2001:db8::1": 200,
            "2001:db8::2": 429,
            "2001:db8:0:1::1": 200,
        }
        for forwarded, status in asked.items():
            assert (await client.get("/api/about", f"X-Forwarded-For: {forwarded}")).status == status, forwarded


async def test_without_a_trusted_proxy_nobody_is_believed(start: Start) -> None:
    """Whoever makes up an address has still their own."""
    async with start(replace(WIDE, requests=Pace(SELDOM, 1))) as gateway:
        client = await gateway.connect()
        assert (await client.get("/api/about", "X-Forwarded-For: 198.51.100.1")).status == 200
        assert (await client.get("/api/about", "X-Forwarded-For: 198.51.100.2")).status == 429


async def test_too_many_connections(start: Start) -> None:
    """Given 3, idle ones among them: the fourth is answered 429 and closed; when one goes there is room again."""
    async with start(replace(WIDE, connections=3)) as gateway:
        idle, other, busy = [await gateway.connect() for _ in range(3)]
        assert (await busy.get()).status == 200
        fourth = await gateway.connect()
        answer = await fourth.get()
        refused(answer, 429, "too_many_connections")
        assert (answer.headers["connection"], answer.headers["retry-after"]) == ("close", "1")
        assert await fourth.rest() == b""
        assert (await busy.get()).status == 200
        await fourth.close()
        await idle.close()

        async def room() -> bool:
            client = await gateway.connect()
            status = (await client.get()).status
            await client.close()
            return status == 200

        await eventually(room)
        assert (await other.get()).status == 200


async def test_a_refused_connection_that_says_nothing_is_closed(start: Start) -> None:
    """It is told why nevertheless, and does not stay."""
    async with start(replace(WIDE, connections=1, parting_seconds=SOON)) as gateway:
        first = await gateway.connect()
        assert (await first.get()).status == 200
        silent = await gateway.connect()
        refused(await silent.answer(), 429, "too_many_connections")
        assert await silent.rest() == b""


async def test_web_sockets_are_connections(start: Start) -> None:
    """A client with all its connections in sockets gets no other."""
    async with start(replace(WIDE, connections=2)) as gateway, sockets(gateway) as (_first, second):
        refused(await (await gateway.connect()).get(), 429, "too_many_connections")
        assert await lives(second)


async def test_a_flood_of_connections_leaves_nothing(start: Start) -> None:
    """Beyond twice the limit nobody is told anything; when all are gone nothing of them is kept."""
    async with start(replace(WIDE, connections=5)) as gateway:
        first = await gateway.connect()
        assert (await first.get()).status == 200
        flood = await asyncio.gather(*(gateway.connect() for _ in range(200)))
        assert (await first.get()).status == 200

        heard = [asyncio.create_task(client.rest()) for client in flood]

        async def others_are_gone() -> bool:
            gone = sum(end.done() for end in heard)
            return (gone, gateway.connections) == (200 + 1 - 2 * 5, 2 * 5)

        await eventually(others_are_gone)
        for client in [first, *flood]:
            await client.close()
        assert set(await asyncio.gather(*heard)) == {b""}

        async def forgotten() -> bool:
            return len(gateway.clients) == 0 and gateway.connections == 0

        await eventually(forgotten)


async def drip(client: RawClient, data: bytes) -> None:
    """Send byte after byte, until the gateway does not take them any more."""
    with contextlib.suppress(ConnectionError):
        for byte in data:
            await client.send(bytes((byte,)))
            await asyncio.sleep(SOON / 10)


async def in_time(gateway: Listening, data: bytes, seconds: float = A_MOMENT) -> RawClient:
    """A client whose bytes were sent before the head was late; where all stood still meanwhile it is another one."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(PATIENCE):
        while True:
            began = loop.time()
            client = await gateway.connect()
            client.writer.write(data)
            if loop.time() - began < seconds:
                return client


@pytest.mark.parametrize("sent", [b"GET /", b"GET /api/about HTTP/1.1\r\n", STARTED, STARTED + b"X-Slow: "])
async def test_a_head_that_does_not_come(start: Start, sent: bytes) -> None:
    """408 in time, though bytes go on coming; another client is served meanwhile."""
    async with start(replace(WIDE, head_seconds=A_MOMENT)) as gateway:
        slow = await in_time(gateway, sent)
        dripping = asyncio.create_task(drip(slow, b"x" * 2_000))
        assert (await (await in_time(gateway, WHOLE)).answer()).status == 200
        answer = await slow.answer()
        refused(answer, 408, "request_timeout")
        assert answer.headers["connection"] == "close"
        assert await slow.rest() == b""
        dripping.cancel()


async def test_a_later_head_that_does_not_come(start: Start) -> None:
    """The limit holds for every request of a connection, from its first byte on."""
    async with start(replace(WIDE, head_seconds=A_MOMENT)) as gateway:
        client = await in_time(gateway, WHOLE)
        assert (await client.answer()).status == 200
        assert (await client.get()).status == 200
        await client.send(STARTED)
        refused(await client.answer(), 408, "request_timeout")
        assert await client.rest() == b""


async def test_a_head_that_came_while_the_gateway_was_held_up_is_in_time(start: Start) -> None:
    """As when its process was stopped for a while: it is answered once, and is not told that it came too late."""
    async with start(replace(WIDE, head_seconds=A_MOMENT)) as gateway:
        client: RawClient

        async def sent_in_time() -> bool:
            nonlocal client
            began = asyncio.get_running_loop().time()
            client = await gateway.connect()
            # It is accepted when one is answered that came after it.
            assert (await (await in_time(gateway, WHOLE)).answer()).status == 200
            client.writer.write(WHOLE)
            return asyncio.get_running_loop().time() - began < A_MOMENT

        await eventually(sent_in_time)
        sleep(A_MOMENT * 2)  # noqa: ASYNC251 - nothing else goes on
        assert (await client.answer()).status == 200
        assert (await client.get()).status == 200


async def test_who_says_nothing_is_closed_without_a_word(start: Start) -> None:
    """Browsers connect in advance, and would take an answer for that of their next request."""
    async with start(replace(WIDE, head_seconds=A_MOMENT)) as gateway:
        client = await gateway.connect()
        assert await client.rest() == b""


async def test_an_idle_connection_is_kept_for_its_own_time(start: Start) -> None:
    """After an answer the next request may let itself wait longer than a head may take; but not for ever."""
    async with start(replace(WIDE, head_seconds=A_MOMENT, idle_seconds=PATIENCE * 2)) as gateway:
        client = await in_time(gateway, WHOLE)
        assert (await client.answer()).status == 200
        # Idle for longer than a head may take: what would not come is an end of the connection.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(A_MOMENT * 2):
                await client.reader.read()
        assert (await client.get()).status == 200
    async with start(replace(WIDE, idle_seconds=SOON)) as gateway:
        client = await gateway.connect()
        assert (await client.get()).status == 200
        assert await client.rest() == b""


@pytest.mark.parametrize(
    "request_",
    [
        HELD,
        HELD.replace(b"POST /api/movies HTTP", b"POST /api/movies/import HTTP"),
        HELD.replace(b"Content-Length: 40\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n5\r\n"),
        FORM + b'; name="other"\r\n\r\nabc',
        FORM + b'; name="file"; filename="f"\r\n\r\nabc',
        FORM,
    ],
    ids=["json", "upload", "chunked", "form", "file of a form", "head of a part"],
)
async def test_a_body_that_stops(start: Start, request_: bytes) -> None:
    """408 and closed; another client is served meanwhile."""
    async with start(replace(WIDE, body_pause_seconds=SOON, linger_seconds=SOON)) as gateway:
        slow = await gateway.connect()
        await slow.send(request_)
        assert (await (await gateway.connect()).get()).status == 200
        answer = await slow.answer()
        refused(answer, 408, "request_timeout")
        assert answer.headers["connection"] == "close"
        assert await slow.rest() == b""


async def test_a_body_that_comes_and_comes(start: Start) -> None:
    """Given bytes that never pause for long, when the time for a whole body is over, then 408 and closed."""
    async with start(replace(WIDE, body_seconds=A_MOMENT, linger_seconds=SOON)) as gateway:
        slow = await gateway.connect()
        await slow.send(HELD.replace(b"40", b"100000"))
        dripping = asyncio.create_task(drip(slow, b" " * 2_000))
        refused(await slow.answer(), 408, "request_timeout")
        dripping.cancel()


async def test_a_body_may_come_slowly(start: Start, stand_in: StandIn) -> None:
    """All of it takes longer than a head may."""
    stand_in.on(subjects.library("add"), b'{"movieId": 5, "created": true, "seq": 9, "identification": "pending"}')
    async with start(replace(WIDE, head_seconds=SOON)) as gateway:
        body = b'{"title": "Heat", "nothing": "is known of"}'
        client = await in_time(gateway, HELD.replace(b"40", str(len(body)).encode()), SOON)
        await drip(client, body[1:])
        assert (await client.answer()).status == 400


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", 431, "headers_too_large"),
        (STARTED + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431, "headers_too_large"),
        (STARTED + b"X: a\r\n" * 500 + b"\r\n", 400, "invalid_request"),
        (STARTED + b"X: \x00\r\n\r\n", 400, "invalid_request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "invalid_request"),
        (STARTED + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "invalid_request"),
    ],
    ids=["line", "header", "headers", "zero", "TLS", "two lengths"],
)
async def test_what_is_no_http_is_answered_in_our_form(start: Start, request_: bytes, status: int, code: str) -> None:
    """And closed; what does not fit is 431."""
    async with start(WIDE) as gateway:
        client = await gateway.connect()
        await client.send(request_)
        refused(await client.answer(), status, code)
        assert await client.rest() == b""


async def test_too_many_imports_at_the_same_time(start: Start) -> None:
    """Each takes much memory: one more is told to wait, until one of them has ended."""
    upload = HELD.replace(b"POST /api/movies HTTP", b"POST /api/movies/import HTTP")
    whole = upload.replace(b"Content-Length: 40", b"Content-Length: 2") + b"}"
    async with start(replace(WIDE, linger_seconds=SOON)) as gateway:

        async def ask() -> Answer:
            return await (await (await gateway.connect()).send(whole)).answer()

        async def answered(status: int) -> bool:
            return (await ask()).status == status

        held = [await (await gateway.connect()).send(upload) for _ in range(MAX_AT_ONCE)]
        await eventually(partial(answered, 429))
        answer = await ask()
        refused(answer, 429, "too_many_requests")
        assert answer.headers["retry-after"] == "5"
        await held[0].close()
        await eventually(partial(answered, 400))


@pytest.mark.parametrize("path", ["/api/session", "/api/movies/import", "/api/nothing"])
async def test_a_compressed_body_is_not_unpacked(start: Start, path: str) -> None:
    """It is refused where it would be read, and nobody looks into it elsewhere: a small one may become any size."""
    async with start(WIDE) as gateway:
        client = await gateway.connect()
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Encoding: gzip\r\nContent-Length: 13\r\n\r\n"
        await client.send(head.encode() + b"no gzip at al")
        expected = (404, "not_found") if path == "/api/nothing" else (415, "unsupported_media_type")
        refused(await client.answer(), *expected)
        assert (await client.get()).status == 200


async def test_a_client_that_reads_nothing_is_cut_off(start: Start) -> None:
    """What it asks for is not kept for it for ever; others are served meanwhile."""
    async with start(replace(WIDE, unread_seconds=SOON)) as gateway:
        client = await gateway.connect()
        asking = asyncio.create_task(client.send(b"GET /api/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2_000))

        other = await gateway.connect()
        assert (await other.get()).status == 200
        await other.close()

        async def cut_off() -> bool:
            return gateway.connections == 0

        await eventually(cut_off)
        asking.cancel()


async def test_a_client_that_reads_slowly_gets_everything(start: Start) -> None:
    """As long as it takes something in time."""
    async with start(replace(WIDE, unread_seconds=1.0)) as gateway:
        client = await gateway.connect()
        await client.send(b"GET /api/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50)
        for _ in range(50):
            assert (await client.answer()).status == 200


async def test_a_frame_that_is_too_large(start: Start) -> None:
    """1009; the other sockets live on."""
    async with start(WIDE) as gateway, sockets(gateway) as (other, greedy):
        await greedy.send_str(" " * (16 * 1024 + 1))
        assert (await greedy.receive(timeout=PATIENCE)).type is WSMsgType.CLOSE
        assert greedy.close_code == 1009
        assert await lives(other)


@pytest.mark.parametrize("flood", ["text", "binary", "ping"])
async def test_too_many_frames(start: Start, flood: str) -> None:
    """Given a burst of 5: 1008 with a reason, pings of the protocol counted too; the other sockets live on."""
    async with start(replace(WIDE, frames=Pace(SELDOM, 5))) as gateway, sockets(gateway) as (other, greedy):
        send: dict[str, Callable[[], Any]] = {
            "text": lambda: greedy.send_json({"type": "ping"}),
            "binary": lambda: greedy.send_bytes(b"x"),
            "ping": lambda: greedy.ping(b"x"),
        }
        for _ in range(6):
            await send[flood]()
        answers = 0
        while (message := await greedy.receive(timeout=PATIENCE)).type is not WSMsgType.CLOSE:
            answers += 1
        assert (message.data, message.extra) == (1008, "too many frames")
        assert answers <= 5
        assert await lives(other)


async def test_pings_of_the_protocol_are_answered(start: Start) -> None:
    """With what they hold."""
    async with start(WIDE) as gateway, sockets(gateway) as (client, _other):
        await client.ping(b"still there?")
        message = await client.receive(timeout=PATIENCE)
        assert (message.type, message.data) == (WSMsgType.PONG, b"still there?")


async def test_who_asks_whether_we_are_there_may_be_gone(start: Start) -> None:
    """There is nothing in it to complain of, and it is no failed request."""
    async with start(WIDE) as gateway:
        client = await gateway.connect()
        await client.send(HANDSHAKE)
        await client.reader.readuntil(b"\r\n\r\n")
        with capture_logs() as logs:
            client.writer.write(PING * 50)
            client.writer.transport.abort()

            async def ended() -> bool:
                return any(line["event"] == "request" for line in logs)

            await eventually(ended)
        assert [(line["event"], line.get("status")) for line in logs] == [("request", 101)]


async def test_too_many_subscriptions(start: Start, stand_in: StandIn) -> None:
    """The 101st is an error frame, and the socket lives on."""
    stand_in.on(subjects.query("movie.status"), RefusedError(500, "Database error", "database_error"))
    async with start(replace(WIDE, frames=Pace(1_000, 1_000))) as gateway, sockets(gateway) as (client, _other):
        answers = []
        for movie_id in range(1, 102):
            await client.send_json({"type": "subscribe", "channel": "movie:enrichment", "movieId": movie_id})
            answers.append((await client.receive_json(timeout=PATIENCE))["code"])
        assert answers == ["unavailable"] * 100 + ["too_many_subscriptions"]
        assert await lives(client)
