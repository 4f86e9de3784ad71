"""A client of the HTTP API and the WebSocket, as a person's program would be one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from time import monotonic
from typing import Any

import aiohttp

from metarr_chassis.background import running

END_SECONDS = 60
ENDS = ("enrichment:complete", "enrichment:failed")
AWAY = frozenset(
    {
        "bus_unavailable",
        "database_error",
        "projection_behind",
        "projector_unavailable",
        "queue_unavailable",
        "start_failed",
    }
)
"""Codes of refusals because somebody did not answer in time."""

Frame = dict[str, Any]


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
    """Speaks JSON with the gateway; one that is patient asks again while something behind it does not answer in time.

    The gateway waits for others for a few seconds, and any process of a busy machine may stand still for longer.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, *, patient: bool = False) -> None:
        self.session = session
        self.url = url
        self._patience = float(END_SECONDS) if patient else 0.0

    async def get(self, path: str, **query: object) -> Answer:
        """GET."""
        return await self.request("GET", path, params={key: str(value) for key, value in query.items()})

    async def post(self, path: str, body: object = None) -> Answer:
        """POST with a JSON body, or none."""
        return await self.request("POST", path, **({} if body is None else {"json": body}))

    async def request(self, method: str, path: str, **how: Any) -> Answer:
        """Any request."""
        deadline = monotonic() + self._patience
        answer = await self._request(method, path, **how)
        while monotonic() < deadline and answer.body.get("code") in AWAY:
            await asyncio.sleep(0.1)
            answer = await self._request(method, path, **how)
            if answer.status == 409 and "jobId" in answer.body:
                # The command was stored, and the gateway was not told so in time.
                return Answer(202, {"success": True, "data": {"jobId": answer.body["jobId"]}}, answer.headers)
        return answer

    async def _request(self, method: str, path: str, **how: Any) -> Answer:
        async with self.session.request(method, self.url + path, **how) as answer:
            return Answer(answer.status, await answer.json(), dict(answer.headers))

    @contextlib.asynccontextmanager
    async def socket(self) -> AsyncIterator["Socket"]:
        """A WebSocket."""
        async with self.session.ws_connect(self.url + "/ws") as socket:
            yield Socket(socket)

    async def history(self, **query: object) -> Any:
        """A page of the history of runs."""
        return (await self.get("/api/activity/history", type="bulk_enrichment", **query)).data

    async def refresh(self, socket: "Socket", movie_id: int, *, force: bool = False) -> list[Frame]:
        """Refresh a film and return its frames up to the end of that job."""
        return await socket.until_end(await self._start(f"/api/movies/{movie_id}/enrich", {"force": force}))

    async def start_run(self, *, force: bool = False) -> int:
        """Start a run over the whole library and return its job."""
        return await self._start("/api/enrichment/bulk-run", {"force": force})

    async def _start(self, path: str, body: object) -> int:
        """Start a job. That of before may have told its end and still have its place in the queue."""
        deadline = monotonic() + END_SECONDS
        while (accepted := await self.post(path, body)).status == 409 and monotonic() < deadline:
            await asyncio.sleep(0.02)
        assert accepted.status == 202, accepted
        job_id: int = accepted.data["jobId"]
        return job_id

    async def bulk_status(self, fits: Callable[[Any], bool], seconds: float = END_SECONDS) -> Any:
        """The first bulk status that fits; parts of the system may be away meanwhile."""
        seen: Any = None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    with contextlib.suppress(aiohttp.ClientError):
                        answer = await self.get("/api/enrichment/bulk-status")
                        seen = answer.body
                        if answer.status == 200 and fits(answer.data):
                            return answer.data
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"not within {seconds} seconds: {seen}") from None

    async def run_ended(self, job_id: int, seconds: float = END_SECONDS) -> Any:
        """Wait until a run has ended and return what `lastRun` says of it."""
        status = await self.bulk_status(
            lambda status: status["lastRun"] is not None and status["lastRun"]["jobId"] == job_id, seconds
        )
        return status["lastRun"]

    @contextlib.asynccontextmanager
    async def run_frames(self) -> AsyncIterator["RunFrames"]:
        """Collect all bulk frames from now on while the context is open.

        A socket that is closed is opened and subscribed again, as a client does.
        """
        run = RunFrames()
        async with running(self._collect(run)):
            await run.until(lambda: run.subscriptions > 0)
            yield run

    async def _collect(self, run: "RunFrames") -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with self.session.ws_connect(self.url + "/ws") as socket:
                    await socket.send_json({"type": "subscribe", "channel": "bulk:enrichment"})
                    async for message in socket:
                        run.take(message.json())
            await asyncio.sleep(0.05)


@dataclass
class RunFrames:
    """Bulk frames in the order in which they came, and how often they were subscribed to."""

    frames: list[Frame] = field(default_factory=list)
    subscriptions: int = 0

    def take(self, frame: Frame) -> None:
        """Note a frame. Who is told that the present state cannot be read now has subscribed all the same."""
        if frame["type"] == "subscribed" or frame.get("code") == "unavailable":
            self.subscriptions += 1
        elif frame["type"].startswith("bulk:"):
            self.frames.append(frame)

    async def until(self, condition: Callable[[], bool], seconds: float = END_SECONDS) -> None:
        """Wait for a condition of what has come."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.02)

    async def until_end(self, job_id: int, seconds: float = END_SECONDS) -> Frame:
        """Wait for the last frame of a run."""

        def ends() -> list[Frame]:
            return [one for one in self.frames if one["type"] == "bulk:complete" and one["jobId"] == job_id]

        await self.until(lambda: bool(ends()), seconds)
        return ends()[0]

    def of(self, job_id: int) -> list[Frame]:
        """The frames of one run."""
        return [frame for frame in self.frames if frame["jobId"] == job_id]


def assert_sums(frames: Iterable[Frame]) -> None:
    """At every moment each film of a run is processed, skipped, failed or remains; at the end none remains."""
    for frame in frames:
        if frame["type"] == "bulk:rate_limit":
            continue
        stats = frame["stats"]
        looked_at = stats["processed"] + stats["skipped"] + stats["failed"]
        assert looked_at + stats.get("remaining", 0) == stats["totalMovies"], frame
        if frame["type"] == "bulk:progress":
            assert "remaining" in stats, frame
            assert (frame["processedMovies"], frame["totalMovies"]) == (looked_at, stats["totalMovies"]), frame


class Socket:
    """Frames of one WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, frame: object) -> None:
        """Send a frame."""
        await self.socket.send_json(frame)

    async def next(self) -> Frame:
        """The next frame."""
        async with asyncio.timeout(END_SECONDS):
            frame: Frame = await self.socket.receive_json()
            return frame

    async def subscribe(self, movie_id: int | None = None) -> Frame:
        """Subscribe to one film, or all, and return the acknowledgement."""
        film = {} if movie_id is None else {"movieId": movie_id}
        return await self.ask({"type": "subscribe", "channel": "movie:enrichment", **film})

    async def ask(self, frame: object) -> Frame:
        """Send a frame and return what is said to it; until a socket has subscribed all live messages come, too."""
        await self.send(frame)
        async with asyncio.timeout(END_SECONDS):
            while True:
                said = await self.next()
                if said.get("code") == "unavailable":
                    await asyncio.sleep(0.1)
                    await self.send(frame)
                elif not said["type"].startswith(("enrichment:", "bulk:")):
                    return said

    async def until_end(self, job_id: int) -> list[Frame]:
        """The frames of a job up to its end."""
        frames: list[Frame] = []
        while not frames or frames[-1]["type"] not in ENDS:
            frame = await self.next()
            if frame.get("jobId") == job_id:
                frames.append(frame)
        return frames


def steps(frames: Iterable[Frame]) -> list[int]:
    """How far a job was each time that it got further: a job that takes long tells it every few seconds again."""
    return [progress for progress, _ in groupby(frame["progress"] for frame in frames if "progress" in frame)]


@contextlib.asynccontextmanager
async def api_of(url: str, *, patient: bool = False) -> AsyncIterator[Api]:
    """A client of a running system."""
    async with aiohttp.ClientSession() as session:
        yield Api(session, url, patient=patient)
