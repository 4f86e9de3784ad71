"""A gateway on a real NATS server, with small stand-ins for the services that answer it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from inspect import unwrap
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.integration.gateway.serving import serving

from metarr_chassis import bus as chassis_bus
from metarr_chassis.bus import Bus, connect
from metarr_chassis.clock import Clock
from metarr_chassis.health import Readiness
from metarr_chassis.micro import Endpoint, serve
from metarr_chassis.service import Context, watch_bus
from metarr_chassis.topology import setup, verify
from metarr_contracts import streams, subjects
from metarr_contracts.base import Value
from metarr_contracts.channels import QUERIES, VERBS
from metarr_contracts.envelope import Envelope
from metarr_contracts.registry import type_of
from metarr_gateway import hub, keys, library, pictures, runs, sockets
from metarr_gateway.bootstrap import wire
from metarr_gateway.command_queue import prompt
from metarr_gateway.frames import CHANNEL_OF_FILMS
from metarr_gateway.queries import Queries
from metarr_gateway.settings import GatewaySettings
from metarr_local.embedded_nats import EmbeddedNats

PATIENCE = 120.0

Handle = Callable[[bytes], Awaitable[bytes]]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still for seconds is no failure of the bus, of another service or of a client."""
    monkeypatch.setattr(chassis_bus, "REQUEST_SECONDS", 60.0)
    monkeypatch.setattr(library, "VERB_SECONDS", 60.0)
    monkeypatch.setattr(pictures, "FETCH_SECONDS", 60.0)
    for what in ("QUERY_SECONDS", "ESTIMATE_PATIENCE_SECONDS", "QUEUE_PATIENCE_SECONDS"):
        monkeypatch.setattr(runs, what, 60.0)
    monkeypatch.setattr(hub, "LASTS_SECONDS", {**hub.LASTS_SECONDS, CHANNEL_OF_FILMS: PATIENCE})
    for what in ("CLOSE_SECONDS", "HEARTBEAT_SECONDS"):
        monkeypatch.setattr(sockets, what, PATIENCE)
    # What is no constant when they are called.
    monkeypatch.setattr(Bus.request, "__defaults__", (b"", 60.0))
    monkeypatch.setattr(Queries.ask, "__defaults__", (60.0,))
    monkeypatch.setattr(unwrap(prompt), "__defaults__", (60.0,))


@dataclass
class StandIn:
    """Another service: answers as told and remembers what it was asked."""

    answers: dict[str, Handle] = field(default_factory=dict)
    asked: list[tuple[str, bytes]] = field(default_factory=list)

    def endpoint(self, subject: str) -> Endpoint:
        """Answers one subject."""

        async def handle(payload: bytes) -> bytes:
            self.asked.append((subject, payload))
            return await self.answers[subject](payload)

        return Endpoint(subject.replace(".", "-"), subject, handle)

    def on(self, subject: str, answer: bytes | Exception | Handle) -> None:
        """From now on this is the answer."""

        async def handle(payload: bytes) -> bytes:
            if isinstance(answer, Exception):
                raise answer
            return answer if isinstance(answer, bytes) else await answer(payload)

        self.answers[subject] = handle


@dataclass
class Gateway:
    """A running gateway, and the bus seen by another service."""

    http: aiohttp.ClientSession
    bus: Bus
    app: aiohttp.web.Application
    stand_in: StandIn

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON."""
        return await self.ask("GET", path, **options)

    async def post(self, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON."""
        return await self.ask("POST", path, **options)

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON."""
        async with self.http.request(method, path, **options) as response:
            return response.status, await response.json()

    async def append(self, subject: str, body: Value) -> int:
        """Store an event as the enricher does."""
        envelope = Envelope(id=f"{subject}-{type_of(body)}", type=type_of(body), source="/test", time=datetime.now(UTC))
        ack = await self.bus.js.publish(subject, body.to_json(), headers=envelope.headers())
        return ack.seq

    async def note(self, body: Value, movie_id: int) -> None:
        """Send a live note."""
        await self.bus.nc.publish(subjects.live_movie(movie_id), body.to_json())

    async def run_note(self, body: Value) -> None:
        """Send a live note on a run."""
        await self.bus.nc.publish(subjects.LIVE_BULK, body.to_json())

    async def commands(self) -> int:
        """How many commands wait."""
        info = await self.bus.js.stream_info(streams.COMMANDS)
        return int(info.state.messages)


@pytest.fixture
def own_bus(nats_url: str, nats_server: EmbeddedNats) -> EmbeddedNats:
    """The gateway's NATS server, for tests that stop it."""
    assert nats_url == nats_server.url
    return nats_server


@pytest.fixture
def settings(nats_url: str, tmp_path: Path) -> GatewaySettings:
    """What the gateway is told."""
    return GatewaySettings(
        nats_url=nats_url,
        picture_cache_dir=tmp_path / "pictures",
        manual_refreshes_per_minute=5,
        upload_limit_mb=1,
    )


@pytest.fixture
async def stand_in() -> StandIn:
    """The enricher and the projector."""
    return StandIn()


@pytest.fixture
async def gateway(settings: GatewaySettings, stand_in: StandIn) -> AsyncIterator[Gateway]:
    """The gateway as it is wired in production, in this process."""
    await setup(settings.nats_url, demo=False)
    async with contextlib.AsyncExitStack() as stack:
        others = await stack.enter_async_context(connect(settings.nats_url, "others"))
        subjects_answered = [*map(subjects.query, QUERIES), *map(subjects.library, VERBS)]
        endpoints = [stand_in.endpoint(subject) for subject in subjects_answered]
        await stack.enter_async_context(serve(others, "others", "Stand-ins", endpoints))
        bus = await stack.enter_async_context(connect(settings.nats_url, "gateway"))
        store = await verify(bus, demo=False)
        readiness = Readiness()
        watch_bus(readiness, bus)
        app = wire(Context(settings, bus, Clock(), readiness, store))
        app[keys.LIMITS] = replace(
            app[keys.LIMITS], head_seconds=PATIENCE, body_pause_seconds=PATIENCE, unread_seconds=PATIENCE
        )
        served = await stack.enter_async_context(serving(app))
        http = await stack.enter_async_context(
            aiohttp.ClientSession(served.url, cookie_jar=aiohttp.CookieJar(unsafe=True))
        )
        yield Gateway(http, others, app, stand_in)


async def eventually(happens: Callable[[], Awaitable[bool]]) -> None:
    """Return when it has happened."""
    async with asyncio.timeout(PATIENCE):
        while not await happens():
            await asyncio.sleep(0.02)
