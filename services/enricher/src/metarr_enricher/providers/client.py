"""Asks one provider: waits at its gate, sends, reads the answer, asks again a few times where none came."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import aiohttp
from opentelemetry.trace import SpanKind

from metarr_chassis import tracing
from metarr_contracts import movie
from metarr_enricher.lane import Lane, NotWantedError
from metarr_enricher.providers.exchange import ProviderRequest, Response
from metarr_enricher.providers.outcomes import (
    Answer,
    Failure,
    ListedChanges,
    Lookup,
    Throttled,
    Unavailable,
)
from metarr_enricher.providers.retrying import RETRIES, backoff
from metarr_enricher.providers.transport import open_transport

KEPT_FREE = 4
"""Connections that runs leave for manual refreshes, so that those find one at once."""

Outcome = TypeVar("Outcome", bound=Answer | Lookup | ListedChanges)
Gate = Callable[[Lane], AbstractAsyncContextManager[None]]
Sleep = Callable[[float], Awaitable[None]]
OnThrottled = Callable[[Throttled], Awaitable[None]]
Observe = Callable[[movie.Outcome, float], None]
"""Hears how each request fared and how many seconds it was under way."""


class Sender(Protocol):
    """What carries a request to the provider."""

    async def send(self, request: ProviderRequest) -> Response | Unavailable:
        """The response, or why there is none; raises nothing but a cancellation."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Who says when a request may go out. Each request, a repeated one too, waits at the gate and holds it open.

    A throttled request is not repeated here: `on_throttled` is told, and the caller decides whether it waits. `observe`
    hears of every request.
    """

    gate: Gate
    on_throttled: OnThrottled
    sleep: Sleep = asyncio.sleep
    chance: Callable[[], float] = random.random
    observe: Observe = lambda _outcome, _seconds: None


class Client:
    """Asks one provider with a bounded number of requests at a time, of which runs never have all."""

    def __init__(self, transport: Sender, connections: int, pace: Pace) -> None:
        self._transport = transport
        # As many requests of a lane as can go out at once wait at the gate: what it lets through goes out at once.
        self._runs = asyncio.Semaphore(max(1, connections - KEPT_FREE))
        self._manual = asyncio.Semaphore(connections)
        # Waiting for a connection is not counted by the time-outs, so it happens here and not in the pool.
        self._connections = asyncio.Semaphore(connections)
        self._pace = pace

    async def ask(
        self, request: ProviderRequest, parse: Callable[[Response], Outcome], lane: Lane
    ) -> Outcome | Unavailable:
        """The outcome of the request, asked again up to twice while the provider is unavailable.

        Raises:
            NotWantedError: when it could go out, nobody wanted it any more.
        """
        outcome = await self._once(request, parse, lane)
        for attempt in range(RETRIES):
            if not isinstance(outcome, Unavailable):
                break
            await self._pace.sleep(backoff(attempt, self._pace.chance()))
            outcome = await self._once(request, parse, lane)
        if isinstance(outcome, Throttled):
            await self._pace.on_throttled(outcome)
        return outcome

    async def _once(
        self, request: ProviderRequest, parse: Callable[[Response], Outcome], lane: Lane
    ) -> Outcome | Unavailable:
        async with self._runs if lane.run else self._manual, self._pace.gate(lane), self._connections:
            if not await lane.wanted():
                raise NotWantedError
            with tracing.span(f"GET {request.provider}", SpanKind.CLIENT, _said(request)):
                started = time.perf_counter()
                response = await self._transport.send(request)
                took = time.perf_counter() - started
                outcome = response if isinstance(response, Unavailable) else parse(request.redacted(response))
                _say(outcome)
        self._pace.observe(outcome.outcome, took)
        return outcome


def _said(request: ProviderRequest) -> tracing.Attributes:
    """The path alone: some providers want the key in the query."""
    return {"http.request.method": "GET", "url.path": request.path, "metarr.provider": request.provider}


def _say(outcome: Answer | Lookup | ListedChanges) -> None:
    tracing.say("metarr.outcome", outcome.outcome)
    if isinstance(outcome, Failure):
        tracing.fail(outcome.outcome)


@asynccontextmanager
async def open_client(base_url: str, connections: int, pace: Pace) -> AsyncIterator[Client]:
    """A client with a connection pool of its own."""
    async with open_transport(base_url, aiohttp.TCPConnector(limit=connections)) as transport:
        yield Client(transport, connections, pace)
