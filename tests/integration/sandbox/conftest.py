"""A fresh sandbox behind a real socket for each test, and a real client for it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, web

from metarr_sandbox import FANART_KEY, OMDB_KEY, TMDB_KEY, create_app


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: its address and a client."""

    url: str
    http: ClientSession

    async def get(self, path: str, **query: str) -> tuple[int, Any, Mapping[str, str]]:
        """Status, JSON body and headers of a GET; the keys are added."""
        keys = {"/tmdb": {"api_key": TMDB_KEY}, "/omdb": {"apikey": OMDB_KEY}, "/fanar": {"api_key": FANART_KEY}}
        query = {**next((key for start, key in keys.items() if path.startswith(start)), {}), **query}
        async with self.http.get(self.url + path, params=query) as response:
            return response.status, await response.json(content_type=None), response.headers

    async def set(self, provider: str, **settings: Any) -> None:
        """Change a provider's settings."""
        async with self.http.put(f"{self.url}/control/providers/{provider}", json=settings) as response:
            assert response.status == 200, await response.text()

    async def clock(self, **change: float) -> dict[str, Any]:
        """Move the test clock."""
        async with self.http.put(f"{self.url}/control/clock", json=change) as response:
            assert response.status == 200
            return dict(await response.json())


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """The sandbox, in this process, served as by its program: who gives up does not end the handler."""
    runner = web.AppRunner(create_app(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with ClientSession(timeout=ClientTimeout(total=120)) as http:
            yield Sandbox(f"http://127.0.0.1:{runner.addresses[0][1]}", http)
    finally:
        await runner.cleanup()
