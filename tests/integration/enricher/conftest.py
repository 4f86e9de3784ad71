"""Enrichers on a real NATS server and the real sandbox, and what a test sees and does from outside."""

import asyncio
import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from tests.terminal import TERMINAL

from metarr_chassis import bus as chassis_bus
from metarr_chassis.bus import Bus, connect
from metarr_chassis.clock import Clock, follow_sandbox
from metarr_chassis.event_store import EventStore, Recorded
from metarr_chassis.health import Readiness
from metarr_chassis.service import Context
from metarr_chassis.topology import consumer_config, setup, verify
from metarr_contracts import streams, subjects
from metarr_contracts.base import Value
from metarr_contracts.envelope import Envelope
from metarr_contracts.fields import PROVIDERS
from metarr_contracts.library import Added
from metarr_contracts.movie import ExternalIds
from metarr_contracts.registry import type_of
from metarr_enricher import resume, search
from metarr_enricher.bootstrap import start
from metarr_enricher.lane import Lane
from metarr_enricher.movie_state import MovieState
from metarr_enricher.movies import Film, Movies
from metarr_enricher.providers import transport
from metarr_enricher.providers.outcomes import Answer
from metarr_enricher.providers.registry import Provider
from metarr_enricher.settings import EnricherSettings
from metarr_local.child import Command, spawn

PATIENCE = 120.0
NIGHTFALL = timedelta(minutes=3)
FAST = {"tmdb_rate": 1000, "omdb_rate": 1000, "fanart_rate": 1000}
SANDBOX_KEYS = {"tmdb_key": "sandbox-tmdb-key", "omdb_key": "sandbox-omdb-key", "fanart_key": "sandbox-fanart-key"}


async def eventually(happens: Callable[[], Awaitable[Any]]) -> Any:
    """Return what it says as soon as that is true."""
    async with asyncio.timeout(PATIENCE):
        while not (said := await happens()):
            await asyncio.sleep(0.02)
        return said


@pytest.fixture(autouse=True)
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still for seconds is no failure of the bus or of a provider."""
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 60.0)
    monkeypatch.setattr(search, "SEARCH_SECONDS", 60.0)
    monkeypatch.setattr(resume, "TEST_SECONDS", 60.0)
    # What a server that is killed has not answered is to be asked again soon.
    if "nats_server" not in request.fixturenames:
        monkeypatch.setattr(chassis_bus, "REQUEST_SECONDS", 60.0)


class Held:
    """Requests to a provider about films, which wait before they go out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, provider: type[Provider]) -> None:
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        ask = provider.ask

        async def late(asked: Any, ids: ExternalIds, lane: Lane) -> Answer:
            self.reached.set()
            await self.go_on.wait()
            return await ask(asked, ids, lane)

        monkeypatch.setattr(provider, "ask", late)


@dataclass
class Running:
    """An enricher in this process; `bus` is its own connection."""

    bus: Bus
    clock: Clock
    stack: contextlib.AsyncExitStack

    async def stop(self) -> None:
        """End it as SIGTERM does."""
        await self.stack.aclose()


@dataclass
class World:
    """The bus, the providers, and the enrichers that the test has started."""

    nats_url: str
    sandbox_url: str
    folder: Path
    bus: Bus
    http: aiohttp.ClientSession
    stack: contextlib.AsyncExitStack
    demo: bool = True
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    @property
    def store(self) -> EventStore:
        """The facts."""
        return EventStore(self.bus, "test")

    # Enrichers

    async def enricher(self, **settings: Any) -> Running:
        """Start an enricher in this process."""
        own = {"sandbox_url": self.sandbox_url} if self.demo else self._real(settings)
        # Films that are no part of a run may have fewer hands than a run demands.
        hands = {"concurrency": settings.pop("concurrency")} if "concurrency" in settings else {}
        told = EnricherSettings(nats_url=self.nats_url, **{**own, **FAST, **settings}).model_copy(update=hands)
        stack = contextlib.AsyncExitStack()
        self.stack.push_async_callback(stack.aclose)
        clock = Clock()
        bus = await stack.enter_async_context(connect(self.nats_url, "enricher"))
        store = await verify(bus, demo=self.demo)
        await stack.enter_async_context(follow_sandbox(clock, self.sandbox_url))
        await stack.enter_async_context(start(Context(told, bus, clock, Readiness(), store)))
        return Running(bus, clock, stack)

    def _real(self, settings: dict[str, Any]) -> dict[str, Any]:
        urls = {
            "tmdb_url": f"{self.sandbox_url}/tmdb/3",
            "omdb_url": f"{self.sandbox_url}/omdb/",
            "fanart_url": f"{self.sandbox_url}/fanart/v3",
        }
        keys = {} if any(name.endswith("_key") for name in settings) else SANDBOX_KEYS
        return {**urls, **keys}

    async def process(self, *program: str, **environment: str) -> asyncio.subprocess.Process:
        """Start an enricher as a process of its own."""
        rates = {f"METARR_{name.upper()}": str(rate) for name, rate in FAST.items()}
        told = {**os.environ, **rates, "METARR_NATS_URL": self.nats_url, "METARR_SANDBOX_URL": self.sandbox_url}
        arguments = program or ("-m", "metarr_enricher")
        log = self.folder / f"enricher-{len(self.processes)}.log"
        with log.open("wb") as output:
            process = await spawn(Command((sys.executable, *arguments), {**told, **environment}), output)
        self.processes.append(process)
        return process

    # Commands

    async def ask(self, verb: str, **wanted: Any) -> dict[str, Any]:
        """A short library command; its reply."""
        told: dict[str, Any] = json.loads(
            await self.bus.request(subjects.library(verb), json.dumps(wanted).encode(), timeout=PATIENCE)
        )
        return told

    async def add(self, **film: Any) -> int:
        """A new film; its id."""
        added = Added.model_validate(await self.ask("add", **film))
        assert added.result.result == "added", added
        assert added.result.movie_id is not None
        return added.result.movie_id

    async def seed(self, *films: dict[str, Any]) -> list[int]:
        """Films that are in the library before any enricher runs."""
        running = await self.enricher()
        ids = [await self.add(**film) for film in films]
        await running.stop()
        return ids

    async def refresh(self, movie_id: int, *, force: bool = False, at: datetime | None = None) -> int:
        """Queue a refresh; the job's id."""
        return await self.command(subjects.enrich_command(movie_id), json.dumps({"force": force}).encode(), at)

    async def command(self, subject: str, payload: bytes, at: datetime | None = None) -> int:
        """Queue a command; the job's id."""
        envelope = Envelope(
            id=uuid4().hex, type="metarr.command.enrich.v1", source="/test", time=at or datetime.now(UTC)
        )
        return await self.bus.publish_command(subject, envelope, payload)

    async def refreshed(self, movie_id: int, *, force: bool = False, at: datetime | None = None) -> Value:
        """Refresh and wait for the end."""
        return await self.end_of(await self.refresh(movie_id, force=force, at=at), movie_id)

    # What happened

    async def history(self, subject: str) -> list[Recorded]:
        """All facts of a subject."""
        return [recorded async for recorded in self.store.read(subject)]

    async def story(self, movie_id: int) -> list[Value]:
        """All facts of a film."""
        return [one.body for one in await self.history(subjects.movie_event(movie_id)) if one.body is not None]

    async def ends(self, job_id: int, movie_id: int | None = None) -> list[Value]:
        """The terminal events of a job; there must be one in the end."""
        told = await self.history(subjects.job_event(job_id))
        if movie_id is not None:
            told += await self.history(subjects.movie_event(movie_id))
        return [one.body for one in told if isinstance(one.body, TERMINAL) and one.body.job_id == job_id]

    async def end_of(self, job_id: int, movie_id: int | None = None) -> Value:
        """Wait until the job has ended and its command is gone; its one terminal event."""
        await eventually(lambda: self.gone(job_id))
        [end] = await self.ends(job_id, movie_id)
        return end

    async def acknowledged_within(self, seconds: float) -> None:
        """How long the queues wait for who has a command; no enricher starts unless that is as it was set up.

        Where they wait for an hour, none is delivered again because its enricher stands still.
        """
        for consumer in streams.CONSUMERS:
            config = consumer_config(consumer.model_copy(update={"ack_wait": seconds}))
            body = {"stream_name": consumer.stream, "config": config}
            await self.bus.api(
                f"CONSUMER.DURABLE.CREATE.{consumer.stream}.{consumer.durable}", json.dumps(body).encode()
            )

    async def hands_are_free(self, hands: int) -> None:
        """Wait until so many ask for films at once."""
        await eventually(lambda: self._asks(hands))

    async def _asks(self, hands: int) -> bool:
        info = await self.bus.api(f"CONSUMER.INFO.{streams.COMMANDS}.{streams.ENRICHER}")
        return bool(info["num_waiting"] == hands)

    async def queue_is_empty(self) -> None:
        """Wait until the queue of films knows of none, also of none that is at work."""
        await eventually(self._is_empty)

    async def _is_empty(self) -> bool:
        info = await self.bus.api(f"CONSUMER.INFO.{streams.COMMANDS}.{streams.ENRICHER}")
        return (info["num_ack_pending"], info["num_pending"]) == (0, 0)

    async def gone(self, job_id: int) -> bool:
        """Whether the command of this job has been acknowledged."""
        return await self.bus.message(streams.COMMANDS, job_id) is None

    async def film(self, movie_id: int) -> MovieState:
        """The film as the events say, without its snapshot; and the snapshot must say the same."""
        movies = Movies(self.bus, self.store, Clock(), "another stream")
        stream = (await self.bus.stream_state(streams.EVENTS)).created
        with_snapshot = Movies(self.bus, self.store, Clock(), stream)

        async def at_one_moment() -> tuple[Film, Film] | None:
            # An enricher may write to it between the two looks.
            told, kept = await movies.current(movie_id), await with_snapshot.current(movie_id)
            return (told, kept) if told.version == kept.version else None

        told, kept = await eventually(at_one_moment)
        assert kept == told
        state: MovieState = told.state
        return state

    async def provider_story(self, provider: str) -> list[str]:
        """The names of a provider's events."""
        return [type(one.body).__name__ for one in await self.history(f"metarr.evt.provider.{provider}")]

    async def append(self, subject: str, body: Value) -> None:
        """Store a fact as another service does."""
        envelope = Envelope(id=uuid4().hex, type=type_of(body), source="/test", time=datetime.now(UTC))
        await self.bus.js.publish(subject, body.to_json(), headers=envelope.headers())

    async def dead(self) -> list[Any]:
        """The dead letters."""
        state = await self.bus.stream_state(streams.DEAD)
        found = [await self.bus.message(streams.DEAD, seq) for seq in range(1, state.last_seq + 1)]
        return [letter for letter in found if letter is not None]

    # Providers

    async def provider(self, *names: str, **settings: Any) -> None:
        """Change settings of providers in the sandbox."""
        for name in names or PROVIDERS:
            async with self.http.put(f"/control/providers/{name}", json=settings) as response:
                assert response.status == 200, await response.text()

    async def requests(self) -> dict[str, int]:
        """How often each provider was asked."""
        async with self.http.get("/control/requests") as response:
            return {name: counts["requests"] for name, counts in (await response.json()).items()}

    async def asked_about(self) -> dict[str, Counter[str]]:
        """How often each provider was asked about each id."""
        async with self.http.get("/control/requests") as response:
            return {name: Counter(counts["byId"]) for name, counts in (await response.json()).items()}

    async def advance(self, step: timedelta, running: Iterable[Running]) -> None:
        """Move the clock of the sandbox; return when the enrichers have followed."""
        async with self.http.put("/control/clock", json={"advanceSeconds": step.total_seconds()}) as response:
            offset = timedelta(seconds=(await response.json())["offsetSeconds"])
        for one in running:
            await eventually(lambda one=one: _is(one.clock.offset == offset))  # type: ignore[misc]


async def _is(true: bool) -> bool:  # noqa: FBT001
    return true


async def _past_midnight() -> None:
    """Wait for the new day where it is near: quotas, and pauses for them, end with the day in UTC."""
    now = datetime.now(UTC)
    left = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - now
    if left < NIGHTFALL:
        await asyncio.sleep(left.total_seconds() + 1)


@contextlib.asynccontextmanager
async def open_world(nats_url: str, sandbox_url: str, folder: Path, *, demo: bool) -> AsyncIterator[World]:
    """A store that is set up, and nothing in it."""
    await _past_midnight()
    await setup(nats_url, demo=demo)
    async with contextlib.AsyncExitStack() as stack:
        bus = await stack.enter_async_context(connect(nats_url, "test"))
        http = await stack.enter_async_context(aiohttp.ClientSession(base_url=sandbox_url))
        world = World(nats_url, sandbox_url, folder, bus, http, stack, demo)
        try:
            yield world
        finally:
            for process in world.processes:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


@pytest.fixture
async def world(nats_url: str, sandbox: str, tmp_path: Path) -> AsyncIterator[World]:
    """A demo store, and the sandbox."""
    async with open_world(nats_url, sandbox, tmp_path, demo=True) as opened:
        yield opened


@pytest.fixture
async def real_world(nats_url: str, sandbox: str, tmp_path: Path) -> AsyncIterator[World]:
    """A real store: keys and addresses are settings, so that a provider can be without a key."""
    async with open_world(nats_url, sandbox, tmp_path, demo=False) as opened:
        yield opened
