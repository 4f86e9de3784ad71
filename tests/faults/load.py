"""Clients of two gateways that never rest: requests over connections that are used again, and WebSockets."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic

import aiohttp
from tests.e2e.client import AWAY, END_SECONDS, ENDS, Frame
from tests.faults.wire import Wire, wire_to

from metarr_chassis.background import cancel
from metarr_gateway.bootstrap import PARTING_SECONDS

READERS = 8
REFRESHERS = 8
WATCHERS = 4
GOING_AWAY = 1001
PAGES = ("/api/movies/enrichment/stats", "/api/movies?limit=20", "/api/enrichment/bulk-status", "/api/movies/1")
LOOK_SECONDS = 0.02
SLOW_SECONDS = 1.0


@dataclass
class Load:
    """What clients have seen. A refused connection is no failure: its client goes to the other gateway."""

    urls: Sequence[str]
    films: Sequence[int]
    watchers: int = WATCHERS
    pause: float = LOOK_SECONDS
    """Seconds between the requests of a client."""
    answers: Counter[int] = field(default_factory=Counter)
    by_client: Counter[int] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    """Requests that were sent and not wholly answered, and answers that a server must not give."""
    slow: Counter[str] = field(default_factory=Counter)
    """Codes of refusals since somebody did not answer for a second or more: on a busy machine all may be well."""
    late: int = 0
    """Requests on connections that clients had left idle for so long that a gateway that ends closes them."""
    moved: int = 0
    refused: int = 0
    jobs: set[int] = field(default_factory=set)
    closes: list[tuple[str, int | None]] = field(default_factory=list)
    """Gateway and code of each WebSocket that was closed."""
    watching: list[str] = field(default_factory=list)
    """Where each watcher is subscribed now."""
    ended: list[set[int]] = field(default_factory=list)
    """The jobs whose end each watcher heard of."""
    connected: Counter[int] = field(default_factory=Counter)
    """How often each watcher came."""

    async def until_more(self, count: int) -> None:
        """Wait until every client has had so many more answers."""
        before = Counter(self.by_client)
        until = monotonic() + END_SECONDS
        while any(self.by_client[one] - before[one] < count for one in range(READERS + REFRESHERS)):
            assert monotonic() < until, (self.by_client, self.answers, self.failed)
            await asyncio.sleep(LOOK_SECONDS)

    async def until_watching(self, url: str, count: int) -> None:
        """Wait until so many watchers are subscribed at this gateway."""
        async with asyncio.timeout(END_SECONDS):
            while self.watching.count(url) < count:
                await asyncio.sleep(LOOK_SECONDS)

    async def until_heard(self) -> None:
        """Wait until every watcher that was always there has heard of the end of every job."""
        always = [heard for number, heard in enumerate(self.ended) if self.connected[number] == 1]
        async with asyncio.timeout(END_SECONDS):
            while any(self.jobs - heard for heard in always):
                await asyncio.sleep(LOOK_SECONDS)

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """All clients work while the context is open; then each brings its last request to its end."""
        stopping = asyncio.Event()
        clients = [asyncio.create_task(self._client(number, stopping)) for number in range(READERS + REFRESHERS)]
        self.watching, self.ended = [""] * self.watchers, [set() for _ in range(self.watchers)]
        watchers = [asyncio.create_task(self._watch(number)) for number in range(self.watchers)]
        try:
            for url, count in Counter(self._url(number) for number in range(self.watchers)).items():
                await self.until_watching(url, count)
            yield
            stopping.set()
            await asyncio.gather(*clients)
            await self.until_heard()
        finally:
            await cancel(*clients, *watchers)

    async def _client(self, number: int, stopping: asyncio.Event) -> None:
        requests, turn = self._requests(number), number
        while not stopping.is_set():
            try:
                async with wire_to(self._url(turn)) as wire:
                    await self._converse(number, wire, requests, stopping)
            except ConnectionRefusedError:
                self.refused += 1
            except OSError as error:
                self.failed.append(f"client {number}: {error!r}")
            turn += 1
            self.moved += 1

    async def _converse(
        self, number: int, wire: Wire, requests: Iterator[tuple[str, str]], stopping: asyncio.Event
    ) -> None:
        try:
            await self._ask(number, wire, requests, stopping)
        except (EOFError, OSError) as error:
            if wire.pause < PARTING_SECONDS:
                self.failed.append(f"client {number}: {error!r}")
            else:
                self.late += 1

    async def _ask(self, number: int, wire: Wire, requests: Iterator[tuple[str, str]], stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            method, path = next(requests)
            asked_at = monotonic()
            reply = await wire.ask(method, path)
            code = json.loads(reply.body).get("code")
            self.answers[reply.status] += 1
            self.by_client[number] += 1
            if code in AWAY and monotonic() - asked_at >= SLOW_SECONDS:
                self.slow[code] += 1
            elif reply.status not in {200, 202, 409}:
                self.failed.append(f"{method} {path}: {reply.status} {reply.body.decode()}")
            elif reply.status == 202:
                self.jobs.add(json.loads(reply.body)["data"]["jobId"])
            if reply.is_last:
                return
            await asyncio.sleep(self.pause)

    def _requests(self, number: int) -> Iterator[tuple[str, str]]:
        """Half of the clients read, half refresh films; one that is being refreshed is a conflict, and no failure."""
        turn = 0
        while True:
            if number < READERS:
                yield "GET", PAGES[turn % len(PAGES)]
            else:
                movie_id = self.films[(number + turn * REFRESHERS) % len(self.films)]
                yield "POST", f"/api/movies/{movie_id}/enrich"
            turn += 1

    async def _watch(self, number: int) -> None:
        turn = number
        async with aiohttp.ClientSession() as session:
            while True:
                url = self._url(turn)
                with contextlib.suppress(aiohttp.ClientConnectorError):
                    async with session.ws_connect(f"{url}/ws") as socket:
                        await socket.send_json({"type": "subscribe", "channel": "movie:enrichment"})
                        async for message in socket:
                            self._hear(number, url, message.json())
                    self.closes.append((url, socket.close_code))
                self.watching[number] = ""
                turn += 1

    def _hear(self, number: int, url: str, frame: Frame) -> None:
        if frame["type"] == "subscribed":
            self.watching[number] = url
            self.connected[number] += 1
        elif frame["type"] in ENDS:
            self.ended[number].add(frame["jobId"])

    def _url(self, turn: int) -> str:
        return self.urls[turn % len(self.urls)]
