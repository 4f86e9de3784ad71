"""A server that sends whoever asks it somewhere else, and what may not be asked on its account."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

REDIRECTS = (301, 302, 303, 307, 308)
PLACES = (
    "{elsewhere}/found",
    "//{elsewhere_authority}/found",
    "http://localhost:{own_port}/found",
    "https://127.0.0.1:{own_port}/found",
    "http://somebody:secret@127.0.0.1:{own_port}/found",
    "/again",
    "",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]/",
    "\\\\evil.example\\x",
)
"""Another server, the same one by another name or scheme, itself again and again, a file, a cloud's metadata."""


class WatchedConnector(aiohttp.TCPConnector):
    """Notes to whom a connection is wanted."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.wanted: set[tuple[str | None, int | None]] = set()

    async def connect(self, req: Any, *arguments: Any, **options: Any) -> Any:
        """As ever."""
        self.wanted.add((req.url.host, req.url.port))
        return await super().connect(req, *arguments, **options)


@dataclass
class Misleading:
    """A server that was configured, and one that was not."""

    server: TestServer
    elsewhere: TestServer
    asked: list[str] = field(default_factory=list)
    asked_elsewhere: list[str] = field(default_factory=list)
    status: int = 302
    place: str = ""

    @property
    def url(self) -> str:
        """The configured one."""
        return str(self.server.make_url("")).rstrip("/")

    @property
    def authority(self) -> tuple[str | None, int | None]:
        """Its host and port."""
        return self.server.host, self.server.port

    async def mislead(self, request: web.Request) -> web.StreamResponse:
        """Send on whoever asks."""
        self.asked.append(request.path)
        elsewhere = str(self.elsewhere.make_url("")).rstrip("/")
        place = self.place.format(
            elsewhere=elsewhere, elsewhere_authority=elsewhere.partition("//")[2], own_port=self.server.port
        )
        return web.Response(status=self.status, headers={"Location": place})

    async def welcome(self, request: web.Request) -> web.StreamResponse:
        """Give whatever is asked for."""
        self.asked_elsewhere.append(request.path)
        return web.json_response({"id": 603, "title": "From elsewhere"})


@contextlib.asynccontextmanager
async def misleading() -> AsyncIterator[Misleading]:
    """Both servers."""
    app, other = web.Application(), web.Application()
    servers = Misleading(TestServer(app), TestServer(other))
    app.router.add_get("/{path:.*}", servers.mislead)
    other.router.add_get("/{path:.*}", servers.welcome)
    async with servers.server, servers.elsewhere:
        yield servers
