"""WebSocket clients that believe what they are told: by frames, and by refetching whenever they come back."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from tests.faults.harness.observed import Watched

from metarr_chassis.background import cancel

AGAIN_SECONDS = 0.3
ENDS = frozenset({"enrichment:complete", "enrichment:failed"})
CHANNELS = ("movie:enrichment", "bulk:enrichment")
HEARTBEAT_SECONDS = 5.0
CLOSING = aiohttp.ClientWSTimeout(ws_close=2)
REFETCH = aiohttp.ClientTimeout(total=10)


@dataclass
class Watcher:
    """A client: subscribes to everything, refetches what there is, then lives on frames until the socket ends."""

    name: str
    session: aiohttp.ClientSession
    urls: Sequence[str]
    films: dict[int, int] = field(default_factory=dict)
    run: int = 0
    came: int = 0
    settled: bool = False
    """Whether it has refetched since it came."""
    _socket: aiohttp.ClientWebSocketResponse | None = None

    def watched(self) -> Watched:
        """What it believes now."""
        return Watched(self.name, dict(self.films), self.run)

    async def leave(self) -> None:
        """Close the socket; it comes back at once."""
        if self._socket is not None:
            await self._socket.close()

    async def watch(self) -> None:
        """Watch until cancelled."""
        while True:
            url = self.urls[self.came % len(self.urls)]
            self.came += 1
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError, TypeError):
                # A gateway that hangs does not answer pings: the client goes to another one, or comes again.
                async with self.session.ws_connect(f"{url}/ws", heartbeat=HEARTBEAT_SECONDS, timeout=CLOSING) as socket:
                    self._socket = socket
                    await self._listen(url, socket)
            self.settled = False
            await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self, url: str, socket: aiohttp.ClientWebSocketResponse) -> None:
        acknowledged: set[str] = set()
        refetching: asyncio.Task[None] | None = None
        await _subscribe(socket)
        try:
            async for message in socket:
                frame = json.loads(message.data)
                self._take(frame)
                if frame["type"] == "subscribed":
                    acknowledged.add(frame["channel"])
                elif frame["type"] == "error":
                    await asyncio.sleep(AGAIN_SECONDS)
                    await _subscribe(socket)
                if acknowledged == set(CHANNELS) and refetching is None:
                    refetching = asyncio.create_task(self._refetch(url))
        finally:
            if refetching is not None:
                await cancel(refetching)

    def _take(self, frame: Any) -> None:
        if frame["type"] in ENDS:
            self._ended(frame["movieId"], frame["jobId"])
        elif frame["type"] == "bulk:complete":
            self.run = max(self.run, frame["jobId"])

    def _ended(self, movie_id: int, job: int) -> None:
        """A film has one job at a time, so that the highest is the last."""
        self.films[movie_id] = max(self.films.get(movie_id, 0), job)

    async def _refetch(self, url: str) -> None:
        """Ask for everything, again and again until it is answered, as a page does that has been away."""
        ids: list[int] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self._get(url, "/api/movies", sort="id", limit="200", **cursor)
            ids += [film["id"] for film in page["movies"]]
            if page["nextCursor"] is None:
                break
            cursor = {"cursor": page["nextCursor"]}
        for movie_id in ids:
            status = await self._get(url, f"/api/movies/{movie_id}/enrichment-status")
            if status is not None and status["lastJob"] is not None:
                self._ended(movie_id, status["lastJob"]["jobId"])
        last_run = (await self._get(url, "/api/enrichment/bulk-status"))["lastRun"]
        if last_run is not None:
            self.run = max(self.run, last_run["jobId"])
        self.settled = True

    async def _get(self, url: str, path: str, **query: str) -> Any:
        """The data; None for what is not there any more."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self.session.get(url + path, params=query, timeout=REFETCH) as answer:
                    if answer.status == 200:
                        return (await answer.json())["data"]
                    if answer.status == 404:
                        return None
            await asyncio.sleep(AGAIN_SECONDS)


async def _subscribe(socket: aiohttp.ClientWebSocketResponse) -> None:
    for channel in CHANNELS:
        await socket.send_json({"type": "subscribe", "channel": channel})


@contextlib.asynccontextmanager
async def watching(urls: Sequence[str], count: int) -> AsyncIterator[list[Watcher]]:
    """So many clients, spread over the gateways, while the context is open; all have come when it begins."""
    async with aiohttp.ClientSession() as session:
        clients = [
            Watcher(f"client {n}", session, (*urls[n % len(urls) :], *urls[: n % len(urls)])) for n in range(count)
        ]
        tasks = [asyncio.create_task(client.watch()) for client in clients]
        try:
            while not all(client.settled for client in clients):
                await asyncio.sleep(0.05)
            yield clients
        finally:
            await cancel(*tasks)
