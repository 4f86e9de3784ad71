"""`/ws` on a real server: the documented frames, present state, gaps, slow clients."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from tests.integration.gateway.conftest import PATIENCE, Gateway, eventually
from tests.metrics import Scrape
from tests.round_trip import round_trip

from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.events import MovieAdded
from metarr_contracts.movie import ExternalIds
from metarr_contracts.websocket import EnrichmentComplete, EnrichmentFailedNote, EnrichmentProgress
from metarr_gateway import examples, keys
from metarr_gateway.outbox import CONFLATE_FROM
from metarr_local.embedded_nats import EmbeddedNats

STATUS_SUBJECT = subjects.query("movie.status")
STATUS: dict[str, Any] = {**examples.ANSWERS["movie_status"]}  # type: ignore[dict-item]
SUBSCRIBE = {"type": "subscribe", "channel": "movie:enrichment", "movieId": 123}


def progress(movie_id: int = 123, percent: int = 33, job_id: int = 7) -> EnrichmentProgress:
    """A job runs."""
    return EnrichmentProgress(
        movie_id=movie_id,
        job_id=job_id,
        progress=percent,
        current_provider="omdb",
        providers_complete=("tmdb",),
        providers_remaining=("omdb", "fanart"),
    )


def complete(movie_id: int = 123, job_id: int = 7) -> EnrichmentComplete:
    """A job ended."""
    return EnrichmentComplete(
        movie_id=movie_id, job_id=job_id, seq=99, completeness=92, partial=False, rate_limited_providers=()
    )


async def status_of_any_film(payload: bytes) -> bytes:
    """The projector knows every film."""
    return json.dumps({**STATUS, "movieId": json.loads(payload)["movieId"]}).encode()


@pytest.fixture
async def ws(gateway: Gateway) -> AsyncIterator[ClientWebSocketResponse]:
    """A client that has said nothing yet."""
    gateway.stand_in.on(STATUS_SUBJECT, status_of_any_film)
    async with gateway.http.ws_connect("/ws") as client:
        await ask(client, {"type": "ping"})
        yield client


async def receive(ws: ClientWebSocketResponse) -> Any:
    """The next frame."""
    return await ws.receive_json(timeout=PATIENCE)


async def ask(ws: ClientWebSocketResponse, frame: object) -> Any:
    """The answer to a frame."""
    await ws.send_json(frame)
    return await receive(ws)


async def test_ping_is_answered(ws: ClientWebSocketResponse) -> None:
    """`{"type":"ping"}` is answered `{"type":"pong"}`."""
    assert await ask(ws, {"type": "ping"}) == {"type": "pong"}


async def test_who_never_subscribed_gets_everything_verbatim(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """Existing clients send no subscribe; a note goes out as it came, with fields that this version does not know."""
    note = {**json.loads(progress().to_json()), "later": [1]}
    await gateway.bus.nc.publish(subjects.live_movie(123), json.dumps(note).encode())
    assert await receive(ws) == note
    await gateway.note(complete(5), 5)
    assert (await receive(ws))["movieId"] == 5


async def test_subscribed_says_the_present_state_and_the_running_job(
    gateway: Gateway, ws: ClientWebSocketResponse
) -> None:
    """The acknowledgement holds the film's status; a running job's last progress follows at once."""
    await gateway.note(progress(), 123)
    assert (await receive(ws))["type"] == "enrichment:progress"
    subscribed = await ask(ws, SUBSCRIBE)
    assert (subscribed["type"], subscribed["channel"], subscribed["movieId"]) == ("subscribed", "movie:enrichment", 123)
    assert subscribed["status"]["completeness"] == 85
    assert (await receive(ws))["progress"] == 33


async def test_the_first_subscribe_narrows(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """After it only messages on that film arrive."""
    await ask(ws, SUBSCRIBE)
    await gateway.note(complete(5), 5)
    await gateway.note(complete(123), 123)
    assert (await receive(ws))["movieId"] == 123


async def test_all_films_is_a_subscription_too(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """`movie:enrichment` without a film means all films."""
    await ask(ws, SUBSCRIBE)
    subscribed = await ask(ws, {"type": "subscribe", "channel": "movie:enrichment"})
    assert (subscribed["movieId"], subscribed["status"]) == (None, None)
    await gateway.note(complete(5), 5)
    assert (await receive(ws))["movieId"] == 5


async def test_unsubscribe_ends_it(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """Who has no subscription left gets nothing."""
    await ask(ws, SUBSCRIBE)
    assert (await ask(ws, {**SUBSCRIBE, "type": "unsubscribe"}))["type"] == "unsubscribed"
    await gateway.note(complete(), 123)
    await round_trip(gateway.bus.nc)
    assert await ask(ws, {"type": "ping"}) == {"type": "pong"}


@pytest.mark.parametrize(
    ("frame", "code", "named"),
    [
        ("{", "invalid_json", "JSON"),
        ("[]", "invalid_frame", ""),
        ('{"type":"dance"}', "invalid_frame", "type"),
        ('{"type":"subscribe","channel":"movie:enrichment","movieId":"123"}', "invalid_frame", "movieId"),
        ('{"type":"subscribe","channel":"movies"}', "invalid_frame", "channel"),
        ('{"type":"subscribe"}', "invalid_frame", "channel"),
        ('{"type":"ping","extra":1}', "invalid_frame", "extra"),
        ('{"type":"subscribe","channel":"bulk:enrichment","movieId":1}', "invalid_frame", "movieId"),
    ],
)
async def test_a_wrong_frame_gets_an_error_frame(
    ws: ClientWebSocketResponse, frame: str, code: str, named: str
) -> None:
    """The error names the field, and the socket lives on."""
    await ws.send_str(frame)
    error = await receive(ws)
    assert (error["type"], error["code"]) == ("error", code)
    assert named in error["error"]
    assert await ask(ws, {"type": "ping"}) == {"type": "pong"}


async def test_a_binary_frame_gets_an_error_frame(ws: ClientWebSocketResponse) -> None:
    """Frames are text."""
    await ws.send_bytes(b"\x00")
    assert (await receive(ws))["code"] == "invalid_frame"


async def test_a_frame_that_is_too_large_closes(ws: ClientWebSocketResponse) -> None:
    """More than 16 KB in a frame is no frame of ours: 1009."""
    await ws.send_str(" " * (16 * 1024 + 1))
    assert (await ws.receive(timeout=PATIENCE)).type is WSMsgType.CLOSE
    assert ws.close_code == 1009


async def test_an_unknown_film_gets_an_error_frame(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """A subscription to a film that does not exist is not kept."""
    gateway.stand_in.on(STATUS_SUBJECT, RefusedError(404, "Movie not found", "movie_not_found"))
    error = await ask(ws, SUBSCRIBE)
    assert (error["error"], error["code"], error["movieId"]) == ("Movie not found", "movie_not_found", 123)
    await gateway.note(complete(), 123)
    await round_trip(gateway.bus.nc)
    assert await ask(ws, {"type": "ping"}) == {"type": "pong"}


async def test_a_film_added_just_now_is_waited_for(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """A film that the log knows and the read models do not yet: asked again with the sequence of its event."""
    film = MovieAdded(movie_id=123, title="Heat", year=1995, ids=ExternalIds(), request="r", missing=())
    seq = await gateway.append(subjects.movie_event(123), film)

    async def late(payload: bytes) -> bytes:
        if json.loads(payload).get("after") != seq:
            raise RefusedError(404, "Movie not found", "movie_not_found")
        return json.dumps(STATUS).encode()

    gateway.stand_in.on(STATUS_SUBJECT, late)
    assert (await ask(ws, SUBSCRIBE))["type"] == "subscribed"


async def test_without_the_database_live_messages_come(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """The present state is unavailable, which an error frame says; the subscription holds."""
    gateway.stand_in.on(STATUS_SUBJECT, RefusedError(500, "Database error", "database_error"))
    assert (await ask(ws, SUBSCRIBE))["code"] == "unavailable"
    await gateway.note(progress(), 123)
    assert (await receive(ws))["progress"] == 33


async def test_an_end_during_the_subscribe_is_not_lost(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """A job that ends while its film's status is being fetched: the acknowledgement first, then the end."""

    async def ends_meanwhile(payload: bytes) -> bytes:
        await gateway.note(progress(), 123)
        await gateway.note(complete(), 123)
        await round_trip(gateway.bus.nc)
        hub = gateway.app[keys.HUB]
        await eventually(lambda: held(hub.sockets))
        return await status_of_any_film(payload)

    async def held(sockets: Any) -> bool:
        return any(socket.held for socket in sockets)

    gateway.stand_in.on(STATUS_SUBJECT, ends_meanwhile)
    assert (await ask(ws, SUBSCRIBE))["type"] == "subscribed"
    assert (await receive(ws))["type"] == "enrichment:complete"


async def test_progress_of_an_ended_job_is_dropped(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """Progress that arrives after the end of its job goes nowhere."""
    failed = EnrichmentFailedNote(
        movie_id=123, job_id=7, seq=9, error="All providers failed", code="all_providers_failed"
    )
    await gateway.note(failed, 123)
    await gateway.note(progress(percent=100), 123)
    await gateway.note(progress(job_id=8), 123)
    assert (await receive(ws))["type"] == "enrichment:failed"
    assert (await receive(ws))["jobId"] == 8


async def test_after_a_gap_on_the_bus_all_are_closed(
    gateway: Gateway, ws: ClientWebSocketResponse, own_bus: EmbeddedNats
) -> None:
    """Messages may have been missed: 1012, and clients come again and read anew."""
    await own_bus.stop()
    await own_bus.start()
    assert (await ws.receive(timeout=PATIENCE)).type is WSMsgType.CLOSE
    assert ws.close_code == 1012
    async with gateway.http.ws_connect("/ws") as again:
        assert await ask(again, {"type": "ping"}) == {"type": "pong"}


async def test_when_everything_was_read_anew_all_are_closed(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """After a restore what clients have read may never have been, so they come again and read anew."""
    await gateway.bus.nc.publish(subjects.LIVE_ANEW, b"")
    assert (await ws.receive(timeout=PATIENCE)).type is WSMsgType.CLOSE
    assert ws.close_code == 1012


async def test_when_the_server_stops_all_are_closed(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """1001 tells clients that the server goes."""
    stopping = asyncio.create_task(gateway.app.shutdown())
    assert (await ws.receive(timeout=PATIENCE)).type is WSMsgType.CLOSE
    assert ws.close_code == 1001
    await stopping


async def test_plain_http_on_the_socket_is_400(gateway: Gateway) -> None:
    """A request without an upgrade is answered like any other failure."""
    status, body = await gateway.get("/ws")
    assert (status, body["success"]) == (400, False)


@contextlib.asynccontextmanager
async def slow_client(gateway: Gateway) -> AsyncIterator[ClientWebSocketResponse]:
    """One whose network holds little for it, so that it soon takes less than it is sent."""

    def little(address: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, _ = address
        holds = socket.socket(family, kind, protocol)
        holds.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        return holds

    connector = aiohttp.TCPConnector(socket_factory=little)
    async with (
        aiohttp.ClientSession(gateway.http._base_url, connector=connector) as http,
        http.ws_connect("/ws") as slow,
    ):
        yield slow


async def end_film(gateway: Gateway, movie_id: int) -> None:
    """Send a note of 10 kB: what a network holds for a client is full sooner."""
    note = {**complete(movie_id).model_dump(by_alias=True), "unknown": 10_000 * "x"}
    await gateway.bus.nc.publish(subjects.live_movie(movie_id), json.dumps(note).encode())


async def test_a_client_that_does_not_read_is_closed(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """A slow client is closed with 1013; meanwhile another one gets every message."""
    hub = gateway.app[keys.HUB]
    sent = 0

    async def slow_is_gone() -> bool:
        nonlocal sent
        for _ in range(100):
            sent += 1
            await end_film(gateway, sent)
        for expected in range(sent - 99, sent + 1):
            assert (await receive(ws))["movieId"] == expected
        return len(hub.sockets) == 1

    async with slow_client(gateway) as slow:
        await eventually(slow_is_gone)
        async for _ in slow:
            pass
        assert slow.close_code == 1013


async def frames_sent(gateway: Gateway) -> float:
    """To all clients so far, as the gateway itself counts them."""
    async with gateway.http.get("/metrics") as answer:
        return Scrape(await answer.text()).value("metarr_websocket_messages_sent_total") or 0.0


async def test_a_client_that_falls_behind_gets_the_rest_when_it_reads_on(
    gateway: Gateway, ws: ClientWebSocketResponse
) -> None:
    """Given one that took less than was sent: every end in its order, of a job's progress the newest, and it lives."""
    async with slow_client(gateway) as slow:
        await ask(slow, {"type": "ping"})
        before = await frames_sent(gateway)
        ended = 0

        async def end_films() -> None:
            nonlocal ended
            for movie_id in range(ended + 1, ended + 1 + CONFLATE_FROM):
                await end_film(gateway, movie_id)
                ended = movie_id
            while (await receive(ws))["movieId"] != ended:
                pass

        async def slow_is_behind() -> bool:
            await end_films()
            waiting = 2 * ended - (await frames_sent(gateway) - before)
            # The network may take some more before it takes nothing at all: what the system lets it hold is 4 MB.
            return waiting > 16 * CONFLATE_FROM

        await eventually(slow_is_behind)
        running = ended + 1
        for percent in (33, 66, 100):
            await gateway.note(progress(running, percent), running)
        while await receive(ws) != progress(running, 100).model_dump(mode="json", by_alias=True):
            pass
        ends = [await receive(slow) for _ in range(ended)]
        assert [end["movieId"] for end in ends] == list(range(1, ended + 1))
        assert (await receive(slow))["progress"] == 100
        await gateway.note(complete(running), running)
        assert (await receive(slow))["type"] == "enrichment:complete"
        assert await ask(slow, {"type": "ping"}) == {"type": "pong"}
