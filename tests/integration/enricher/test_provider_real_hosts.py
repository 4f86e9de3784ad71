"""With keys set, the real host names are asked, over TLS, at the documented paths, with the key where it belongs."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from socket import AF_INET, AddressFamily

import aiohttp
import pytest
import trustme
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.movie import ExternalIds
from metarr_enricher.lane import MANUAL, Lane
from metarr_enricher.providers.client import Client, Pace
from metarr_enricher.providers.outcomes import Found, LookedUp, Unavailable
from metarr_enricher.providers.registry import BASE_URLS, Fanart, Omdb, Tmdb
from metarr_enricher.providers.tmdb import Locale
from metarr_enricher.providers.transport import open_transport

API_KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.e30.signature"
HOSTS = ("api.themoviedb.org", "www.omdbapi.com", "webservice.fanart.tv")
MATRIX = ExternalIds(tmdb=603, imdb="tt0133093")
HOME = Locale("en", "US")
ANSWERS = {
    "/3/movie/603": {"id": 603, "overview": "A hacker."},
    "/3/find/tt0133093": {"movie_results": [{"id": 603, "title": "The Matrix"}]},
    "/3/search/movie": {"results": [{"id": 603, "title": "The Matrix", "release_date": "1999-03-30"}]},
    "/": {"Response": "True", "Title": "The Matrix", "Type": "movie", "imdbID": "tt0133093"},
    "/v3/movies/603": {"name": "The Matrix", "tmdb_id": "603"},
}


@asynccontextmanager
async def open_gate(_: Lane) -> AsyncIterator[None]:
    """No gate."""
    yield


async def nothing(*_: object) -> None:
    """No wait between retries, nobody listening."""


@dataclass
class OnlyHere(AbstractResolver):
    """Every name leads to the test's server."""

    port: int

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        """The address of the test's server, whatever port and kind of address were wanted."""
        del port, family
        return [ResolveResult(hostname=host, host="127.0.0.1", port=self.port, family=AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class World:
    """A server that answers for the three hosts, and what it heard."""

    port: int
    authority: trustme.CA
    heard: list[web.BaseRequest]

    @asynccontextmanager
    async def client(self, base_url: str, authority: trustme.CA | None = None) -> AsyncIterator[Client]:
        """A client of a provider whose name leads to this server."""
        trust = ssl.create_default_context()
        (authority or self.authority).configure_trust(trust)
        connector = aiohttp.TCPConnector(resolver=OnlyHere(self.port), ssl=trust)
        async with open_transport(base_url, connector) as transport:
            yield Client(transport, 2, Pace(open_gate, nothing, nothing))


@asynccontextmanager
async def world_with(names: tuple[str, ...]) -> AsyncIterator[World]:
    """A TLS server with a certificate for these names."""
    heard: list[web.BaseRequest] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        heard.append(request)
        known = ANSWERS.get(request.path)
        return web.json_response(known) if known else web.Response(status=500)

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield World(runner.addresses[0][1], authority, heard)
    await runner.cleanup()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A server that may call itself by the three real names."""
    async with world_with(HOSTS) as server:
        yield server


async def only(
    world: World, base_url: str, ask: Callable[[Client], Awaitable[object]]
) -> tuple[object, web.BaseRequest]:
    """The outcome of one question and the only request that it made."""
    async with world.client(base_url) as client:
        outcome = await ask(client)
    assert len(world.heard) == 1
    return outcome, world.heard[0]


async def test_tmdb_with_an_api_key(world: World) -> None:
    """api.themoviedb.org/3/movie/603 with the key in the query."""
    found, request = await only(
        world, BASE_URLS["tmdb"], lambda client: Tmdb(client, API_KEY, HOME).ask(MATRIX, MANUAL)
    )
    assert isinstance(found, Found)
    assert (request.method, request.host, request.path) == ("GET", "api.themoviedb.org", "/3/movie/603")
    assert dict(request.query) == {
        "api_key": API_KEY,
        "append_to_response": "credits,release_dates,external_ids,images,videos",
        "language": "en-US",
        "include_image_language": "en,null",
        "include_video_language": "en",
    }
    assert "Authorization" not in request.headers


async def test_tmdb_with_a_token(world: World) -> None:
    """A read access token is sent as bearer, and the query holds no key."""
    found, request = await only(world, BASE_URLS["tmdb"], lambda client: Tmdb(client, TOKEN, HOME).ask(MATRIX, MANUAL))
    assert isinstance(found, Found)
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert "api_key" not in request.query


async def test_tmdb_find(world: World) -> None:
    """An IMDb id is found below /3/find."""
    looked_up, request = await only(
        world, BASE_URLS["tmdb"], lambda client: Tmdb(client, TOKEN, HOME).lookup("x", None, "tt0133093", MANUAL)
    )
    assert looked_up == LookedUp(603)
    assert (request.path, request.query["external_source"]) == ("/3/find/tt0133093", "imdb_id")


@pytest.mark.parametrize("title", ["The Matrix", "Tom & Jerry + 1 = 50%?", "千と千尋の神隠し"])
async def test_tmdb_search(world: World, title: str) -> None:
    """A title of any letters and signs arrives as it is."""
    _, request = await only(
        world, BASE_URLS["tmdb"], lambda client: Tmdb(client, API_KEY, HOME).lookup(title, 1999, None, MANUAL)
    )
    assert (request.path, request.query["query"], request.query["year"]) == ("/3/search/movie", title, "1999")


async def test_omdb(world: World) -> None:
    """www.omdbapi.com/ with id and key in the query; every sign of a key arrives as it is."""
    found, request = await only(world, BASE_URLS["omdb"], lambda client: Omdb(client, "k+e/y &=").ask(MATRIX, MANUAL))
    assert isinstance(found, Found)
    assert (request.host, request.path) == ("www.omdbapi.com", "/")
    assert dict(request.query) == {"apikey": "k+e/y &=", "i": "tt0133093", "plot": "full", "r": "json"}


async def test_fanart(world: World) -> None:
    """webservice.fanart.tv/v3/movies/603 with both keys in headers."""
    found, request = await only(
        world, BASE_URLS["fanart"], lambda client: Fanart(client, "project", "en", "personal").ask(MATRIX, MANUAL)
    )
    assert isinstance(found, Found)
    assert (request.host, request.path, dict(request.query)) == ("webservice.fanart.tv", "/v3/movies/603", {})
    assert (request.headers["api-key"], request.headers["client-key"]) == ("project", "personal")


async def test_who_we_are(world: World) -> None:
    """Providers see who asks, and get no cookie back."""
    _, request = await only(world, BASE_URLS["omdb"], lambda client: Omdb(client, "key").ask(MATRIX, MANUAL))
    assert request.headers["User-Agent"].startswith("Metarr/")
    assert "Cookie" not in request.headers


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_certificate_of_nobody_is_refused(world: World, name: ProviderName) -> None:
    """A server that we cannot trust does not see the key."""
    async with world.client(BASE_URLS[name], trustme.CA()) as client:
        outcome = await Omdb(client, API_KEY).ask(MATRIX, MANUAL)
    assert isinstance(outcome, Unavailable)
    assert "certificate" in outcome.message
    assert API_KEY not in outcome.message
    assert world.heard == []


async def test_a_certificate_for_another_name_is_refused() -> None:
    """A trusted certificate for another host is none."""
    async with world_with(("www.example.com",)) as server, server.client(BASE_URLS["omdb"]) as client:
        assert isinstance(await Omdb(client, API_KEY).ask(MATRIX, MANUAL), Unavailable)
        assert server.heard == []


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closes a connection without a word."""
    writer.close()


async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers with something that is no HTTP."""
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    writer.close()


async def cut_short(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Announces more than it sends, and repeats the key."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + API_KEY.encode())
    writer.close()


async def too_many_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends a header that is too long."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n")
    writer.close()


async def wrong_compression(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says gzip and sends something else."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope")
    writer.close()


async def elsewhere(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Redirects to another host."""
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n")
    writer.close()


@pytest.mark.parametrize("behave", [hang_up, babble, cut_short, too_many_headers, wrong_compression, elsewhere])
@pytest.mark.parametrize("key", [API_KEY, TOKEN])
async def test_no_trouble_tells_the_key(
    behave: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    key: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever goes wrong on the line is an outage; neither its message nor any log holds the key."""
    server = await asyncio.start_server(behave, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(server)
        opened = open_transport(f"http://127.0.0.1:{port}/3", aiohttp.TCPConnector())
        client = Client(await stack.enter_async_context(opened), 2, Pace(open_gate, nothing, nothing))
        outcome = await Tmdb(client, key, HOME).ask(MATRIX, MANUAL)
    assert isinstance(outcome, Unavailable)
    assert key not in outcome.message + caplog.text


@pytest.mark.parametrize(
    ("base_url", "key"),
    [
        ("http://127.0.0.1:9/3", API_KEY),
        ("http://no.such.host.invalid/3", API_KEY),
        ("http://127.0.0.1:9/3", "a\r\nb: c"),
    ],
)
async def test_nobody_there(base_url: str, key: str) -> None:
    """A closed port, an unknown name and a key that no header can hold are outages without a key in their message."""
    async with open_transport(base_url, aiohttp.TCPConnector()) as transport:
        client = Client(transport, 2, Pace(open_gate, nothing, nothing))
        outcome = await Tmdb(client, key, HOME).ask(MATRIX, MANUAL)
    assert isinstance(outcome, Unavailable)
    assert key not in outcome.message
