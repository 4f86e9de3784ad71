"""A client of the HTTP API and the WebSocket, as a person's program would be one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp

END_SECONDS = 60
ENDS = ("enrichment:complete", "enrichment:failed")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def data(self) -> Any:
        """What a successful answer carries."""
        assert self.body["success"] is True, self.body
        return self.body["data"]


class Api:
    """Speaks JSON with the gateway."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def get(self, path: str, **query: object) -> Answer:
        """GET."""
        return await self.request("GET", path, params={key: str(value) for key, value in query.items()})

    async def post(self, path: str, body: object = None) -> Answer:
        """POST with a JSON body, or none."""
        return await self.request("POST", path, **({} if body is None else {"json": body}))

    async def request(self, method: str, path: str, **how: Any) -> Answer:
        """Any request."""
        async with self.session.request(method, self.url + path, **how) as answer:
            return Answer(answer.status, await answer.json(), dict(answer.headers))

    @contextlib.asynccontextmanager
    async def socket(self) -> AsyncIterator["Socket"]:
        """A WebSocket."""
        async with self.session.ws_connect(self.url + "/ws") as socket:
            yield Socket(socket)

    async def refresh(self, socket: "Socket", movie_id: int, *, force: bool = False) -> list[dict[str, Any]]:
        """Refresh a film and return its frames up to the end of that job."""
        accepted = await self.post(f"/api/movies/{movie_id}/enrich", {"force": force})
        assert accepted.status == 202, accepted
        return await socket.until_end(accepted.data["jobId"])


class Socket:
    """Frames of one WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, frame: object) -> None:
        """Send a frame."""
        await self.socket.send_json(frame)

    async def next(self) -> dict[str, Any]:
        """The next frame."""
        async with asyncio.timeout(END_SECONDS):
            frame: dict[str, Any] = await self.socket.receive_json()
            return frame

    async def subscribe(self, movie_id: int | None = None) -> dict[str, Any]:
        """Subscribe to one film, or all, and return the acknowledgement."""
        film = {} if movie_id is None else {"movieId": movie_id}
        await self.send({"type": "subscribe", "channel": "movie:enrichment", **film})
        return await self.next()

    async def until_end(self, job_id: int) -> list[dict[str, Any]]:
        """The frames of a job up to its end."""
        frames: list[dict[str, Any]] = []
        while not frames or frames[-1]["type"] not in ENDS:
            frame = await self.next()
            if frame.get("jobId") == job_id:
                frames.append(frame)
        return frames


@contextlib.asynccontextmanager
async def api_of(url: str) -> AsyncIterator[Api]:
    """A client of a running system."""
    async with aiohttp.ClientSession() as session:
        yield Api(session, url)
