"""Pages of a real browser that are watched: what goes wrong in one, unnoticed by its test, is a problem."""

import asyncio
import contextlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    WebError,
    WebSocket,
)
from tests.e2e.client import AWAY

SERVER_ERROR = 500

Theme = Literal["light", "dark"]

WITHIN_THE_PAGE = {"data", "blob"}
PATIENCE_MS = 90_000
"""For what a test does with a page, which waits until it can be done."""


@dataclass
class Pages:
    """Opens pages of the stack at `url`, each for a visitor of its own, who has nothing stored yet.

    `problems` are errors that no script caught, errors on the console (a violated content security policy is one, an
    answer from 400 on another) and requests to anybody else. An answer 500 because somebody did not answer in time is
    none: on a busy machine that comes to pass, and the page asks again.
    """

    browser: Browser
    url: str
    problems: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)
    _reading: list[asyncio.Task[None]] = field(default_factory=list)
    _slow: set[str] = field(default_factory=set)

    async def open(
        self,
        path: str = "/",
        *,
        width: int = 1280,
        height: int = 800,
        theme: Theme = "light",
        motion: Literal["reduce", "no-preference"] = "reduce",
        clock: datetime | None = None,
    ) -> Page:
        """A page at `path`, loaded; sizes in CSS pixels, `theme` and `motion` as the visitor's system prefers them.

        The visitor's clock goes on from `clock`; without one it is right.

        More pages of the same visitor are opened with `page.context.new_page()`; they are watched too.
        """
        context = await self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion=motion,
            locale="en-GB",
            timezone_id="UTC",
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        if clock is not None:
            await context.clock.install(time=clock)
        context.on("weberror", self._error)
        context.on("console", self._console)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("page", lambda page: page.on("websocket", self._socket))
        page = await context.new_page()
        await page.goto(path)
        return page

    def expect_error(self, pattern: str) -> None:
        """An error on the console that holds this regular expression is no problem from now on."""
        self._expected.append(pattern)

    async def close(self) -> None:
        """Close all pages."""
        await asyncio.gather(*self._reading)
        for context in self._contexts:
            await context.close()
        self.problems[:] = [problem for problem in self.problems if not any(url in problem for url in self._slow)]

    def _error(self, error: WebError) -> None:
        self.problems.append(f"uncaught: {error.error}")

    def _console(self, message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location['url']})"
        if message.type == "error" and not any(re.search(pattern, text) for pattern in self._expected):
            self.problems.append(f"on the console: {text}")

    def _request(self, request: Request) -> None:
        self._asked(request.url)

    def _response(self, response: Response) -> None:
        if response.status == SERVER_ERROR:
            self._reading.append(asyncio.create_task(self._look(response)))

    async def _look(self, response: Response) -> None:
        # It may be gone with its page, and it may be no JSON.
        with contextlib.suppress(Error, ValueError):
            if (await response.json())["code"] in AWAY:
                self._slow.add(f"500 (Internal Server Error) ({response.url})")

    def _socket(self, socket: WebSocket) -> None:
        self._asked(socket.url)

    def _asked(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in WITHIN_THE_PAGE and address.netloc != urlsplit(self.url).netloc:
            self.problems.append(f"asked somebody else: {url}")
