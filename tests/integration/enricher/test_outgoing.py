"""Providers are asked at their configured address and nowhere else, wherever they or a film's ids point."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from tests.integration.elsewhere import PLACES, REDIRECTS, Misleading, WatchedConnector, misleading

from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.movie import ExternalIds
from metarr_enricher.lane import MANUAL, Lane
from metarr_enricher.providers.client import Client, Pace
from metarr_enricher.providers.exchange import ProviderRequest, Response
from metarr_enricher.providers.outcomes import Failure
from metarr_enricher.providers.registry import Fanart, Omdb, Provider, Tmdb
from metarr_enricher.providers.tmdb import Locale
from metarr_enricher.providers.transport import open_transport

FILM = ExternalIds(tmdb=603, imdb="tt0133093")
KEY = "a-key-that-goes-nowhere-else"


@pytest.fixture
async def servers() -> AsyncIterator[Misleading]:
    """The configured server, and another one."""
    async with misleading() as servers:
        yield servers


@asynccontextmanager
async def open_gate(_: Lane) -> AsyncIterator[None]:
    """No gate."""
    yield


async def nothing(*_: object) -> None:
    """No wait between retries, nobody listening."""


def provider(name: ProviderName, client: Client) -> Provider:
    """The provider of this name."""
    match name:
        case "tmdb":
            return Tmdb(client, KEY, Locale("en", "US"))
        case "omdb":
            return Omdb(client, KEY)
        case "fanart":
            return Fanart(client, KEY, "en", None)


@pytest.mark.parametrize("place", PLACES)
async def test_no_redirect_is_followed(servers: Misleading, place: str) -> None:
    """A redirect is no answer, of whichever kind it is; only the configured address is ever connected to."""
    servers.place = place
    async with AsyncExitStack() as stack:
        connector = WatchedConnector()
        transport = await stack.enter_async_context(open_transport(f"{servers.url}/base", connector, total_seconds=60))
        client = Client(transport, 2, Pace(open_gate, nothing, nothing))
        for servers.status in REDIRECTS:
            for name in PROVIDERS:
                assert isinstance(await provider(name, client).ask(FILM, MANUAL), Failure), (name, servers.status)
        assert connector.wanted == {servers.authority}
    assert servers.asked
    assert all(path.startswith("/base/") for path in servers.asked)
    assert servers.asked_elsewhere == []


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/x",
        "/@evil.example/",
        "/../../x",
        "/%2f%2fevil.example",
        "/\\evil.example",
        "/:80@evil.example/x",
    ],
)
async def test_no_path_leads_to_another_host(servers: Misleading, path: str) -> None:
    """Whatever a path is made of, it stays one of the configured host, with a base of the shortest kind too."""
    connector = WatchedConnector()
    async with open_transport(servers.url + "/", connector, total_seconds=60) as transport:
        response = await transport.send(ProviderRequest("tmdb", path, secret_query={"api_key": KEY}))
        assert isinstance(response, Response)
        assert connector.wanted == {servers.authority}
    assert len(servers.asked) == 1


async def test_a_proxy_of_the_environment_is_none_of_ours(servers: Misleading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys do not go through whatever the machine's variables name."""
    monkeypatch.setenv("http_proxy", str(servers.elsewhere.make_url("")))
    monkeypatch.setenv("all_proxy", str(servers.elsewhere.make_url("")))
    async with open_transport(servers.url, WatchedConnector(), total_seconds=60) as transport:
        assert isinstance(await transport.send(ProviderRequest("tmdb", "/movie/603")), Response)
    assert (len(servers.asked), servers.asked_elsewhere) == (1, [])
