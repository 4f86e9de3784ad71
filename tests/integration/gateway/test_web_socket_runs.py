"""`/ws`: messages on runs over the whole library."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse
from tests.integration.gateway.conftest import PATIENCE, Gateway, eventually
from tests.integration.gateway.run_notes import run_complete, run_limited, run_progress
from tests.round_trip import round_trip

from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.websocket import EnrichmentComplete
from metarr_gateway import examples, keys

STATUS_SUBJECT = subjects.query("bulk.status")
STATUS: dict[str, Any] = {**examples.ANSWERS["bulk_status"]}  # type: ignore[dict-item]
RUNNING = json.dumps(STATUS).encode()
IDLE = json.dumps({**STATUS, "currentRun": None}).encode()
SUBSCRIBE = {"type": "subscribe", "channel": "bulk:enrichment"}


@pytest.fixture
async def ws(gateway: Gateway) -> AsyncIterator[ClientWebSocketResponse]:
    """A client that has said nothing yet."""
    gateway.stand_in.on(STATUS_SUBJECT, IDLE)
    async with gateway.http.ws_connect("/ws") as client:
        assert await ask(client, {"type": "ping"}) == {"type": "pong"}
        yield client


async def receive(ws: ClientWebSocketResponse) -> Any:
    """The next frame."""
    return await ws.receive_json(timeout=PATIENCE)


async def ask(ws: ClientWebSocketResponse, frame: object) -> Any:
    """The answer to a frame."""
    await ws.send_json(frame)
    return await receive(ws)


async def test_who_never_subscribed_gets_runs_verbatim(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """Existing clients send no subscribe; a note goes out as it came."""
    note = {**json.loads(run_progress().to_json()), "later": [1]}
    await gateway.bus.nc.publish(subjects.LIVE_BULK, json.dumps(note).encode())
    assert await receive(ws) == note
    for other in (run_limited(), run_complete()):
        await gateway.run_note(other)
        assert await receive(ws) == json.loads(other.to_json())


async def test_subscribed_says_the_present_state(ws: ClientWebSocketResponse) -> None:
    """The acknowledgement holds the last run and the next one; nothing follows where no run goes on."""
    subscribed = await ask(ws, SUBSCRIBE)
    assert (subscribed["type"], subscribed["channel"]) == ("subscribed", "bulk:enrichment")
    assert (subscribed["status"]["lastRun"]["jobId"], subscribed["status"]["currentRun"]) == (890, None)
    assert await ask(ws, {"type": "ping"}) == {"type": "pong"}


async def test_a_present_run_follows_at_once(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """Its progress, made of the status: this gateway has heard nothing of it yet. Then what comes."""
    gateway.stand_in.on(STATUS_SUBJECT, RUNNING)
    assert (await ask(ws, SUBSCRIBE))["status"]["currentRun"]["jobId"] == 901
    progress = await receive(ws)
    assert (progress["type"], progress["jobId"], progress["seq"], progress["progress"]) == (
        "bulk:progress",
        901,
        4800,
        42,
    )
    await gateway.run_note(run_complete(seq=4900))
    assert (await receive(ws))["type"] == "bulk:complete"


async def test_a_subscription_narrows(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """Messages on films do not come any more, and unsubscribe ends the rest."""
    refreshed = EnrichmentComplete(
        movie_id=5, job_id=7, seq=9, completeness=92, partial=False, rate_limited_providers=()
    )
    await ask(ws, SUBSCRIBE)
    await gateway.note(refreshed, 5)
    await gateway.run_note(run_progress())
    assert (await receive(ws))["type"] == "bulk:progress"
    assert (await ask(ws, {**SUBSCRIBE, "type": "unsubscribe"}))["type"] == "unsubscribed"
    await gateway.run_note(run_complete())
    await round_trip(gateway.bus.nc)
    assert await ask(ws, {"type": "ping"}) == {"type": "pong"}


async def test_without_the_database_live_messages_come(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """The present state is unavailable, which an error frame says; the subscription holds."""
    gateway.stand_in.on(STATUS_SUBJECT, RefusedError(500, "Database error", "database_error"))
    error = await ask(ws, SUBSCRIBE)
    assert (error["type"], error["code"]) == ("error", "unavailable")
    await gateway.run_note(run_progress())
    assert (await receive(ws))["type"] == "bulk:progress"


async def test_what_comes_during_the_subscribe_is_not_lost(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """A run that ends while the status is being fetched: acknowledged first, then limit and end, and no progress."""

    async def ends_meanwhile(_: bytes) -> bytes:
        for note in (run_progress(), run_limited(), run_complete(), run_progress(seq=29)):
            await gateway.run_note(note)
        await eventually(both_held)
        return RUNNING

    async def both_held() -> bool:
        return any(len(socket.held) == 2 for socket in gateway.app[keys.HUB].sockets)

    gateway.stand_in.on(STATUS_SUBJECT, ends_meanwhile)
    assert (await ask(ws, SUBSCRIBE))["type"] == "subscribed"
    assert [(await receive(ws))["type"] for _ in range(2)] == ["bulk:rate_limit", "bulk:complete"]
    await gateway.run_note(run_progress(job_id=902, seq=40))
    assert (await receive(ws))["jobId"] == 902


async def test_another_client_is_not_held_up(gateway: Gateway, ws: ClientWebSocketResponse) -> None:
    """Only who is waiting for the status waits for the rest."""
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(_: bytes) -> bytes:
        asked.set()
        await answer.wait()
        return IDLE

    gateway.stand_in.on(STATUS_SUBJECT, slow)
    async with gateway.http.ws_connect("/ws") as other:
        await other.send_json(SUBSCRIBE)
        await asked.wait()
        await gateway.run_note(run_complete())
        assert (await receive(ws))["type"] == "bulk:complete"
        answer.set()
        assert [(await receive(other))["type"] for _ in range(2)] == ["subscribed", "bulk:complete"]
