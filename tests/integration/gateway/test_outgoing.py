"""Pictures are fetched from configured hosts and from nowhere else: nobody uses the gateway to ask others."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.integration.elsewhere import PLACES, REDIRECTS, Misleading, WatchedConnector, misleading
from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.test_picture_route import film
from yarl import URL

from metarr_gateway.errors import ApiError
from metarr_gateway.picture_cache import PictureCache
from metarr_gateway.pictures import Pictures
from metarr_gateway.settings import GatewaySettings

POSTER = "/api/movies/5/images/poster"


@pytest.fixture
async def servers() -> AsyncIterator[Misleading]:
    """The configured host, and another one."""
    async with misleading() as servers:
        yield servers


@pytest.fixture
def settings(nats_url: str, tmp_path: Path, servers: Misleading) -> GatewaySettings:
    """The misleading host stands in for TMDB's."""
    hosts = {"image.tmdb.org": f"{servers.url}/base"}
    return GatewaySettings(nats_url=nats_url, picture_cache_dir=tmp_path / "pictures", picture_hosts=hosts)


@pytest.mark.parametrize("place", PLACES)
async def test_no_redirect_is_followed(servers: Misleading, tmp_path: Path, place: str) -> None:
    """It is a failure of the host, of whichever kind it is; only the configured address is ever connected to."""
    servers.place = place
    connector = WatchedConnector()
    async with aiohttp.ClientSession(connector=connector) as session:
        pictures = Pictures(session, PictureCache(tmp_path, 1_000_000))
        for servers.status in REDIRECTS:
            with pytest.raises(ApiError, match="picture_host_failed"):
                await pictures.get(f"{servers.url}/{servers.status}.jpg")
        assert connector.wanted == {servers.authority}
    assert len(servers.asked) == len(REDIRECTS)
    assert servers.asked_elsewhere == []


@pytest.mark.parametrize(
    "poster",
    [
        "{elsewhere}/found.jpg",
        "https://image.tmdb.org@{elsewhere_authority}/found.jpg",
        "https://{elsewhere_authority}\\@image.tmdb.org/found.jpg",
        "https://{elsewhere_authority}#@image.tmdb.org/found.jpg",
        "https://image.tmdb.org:{elsewhere_port}/found.jpg",
        "https://image.tmdb.org/..%2f..%2ffound.jpg",
        "https://image.tmdb.org/%2e%2e/found.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "//{elsewhere_authority}/found.jpg",
    ],
)
async def test_what_a_stored_answer_names_is_no_way_out(gateway: Gateway, servers: Misleading, poster: str) -> None:
    """A provider's answer that names another host, port, user or a path that climbs is no picture: nobody is asked."""
    elsewhere = URL(servers.elsewhere.make_url(""))
    place = {"elsewhere": str(elsewhere).rstrip("/"), "elsewhere_authority": elsewhere.authority}
    film(gateway, poster.format(**place, elsewhere_port=elsewhere.port))
    for query in ("", "?w=300"):
        status, body = await gateway.get(POSTER + query)
        assert (status, body["code"]) == (404, "picture_not_found")
    assert (servers.asked, servers.asked_elsewhere) == ([], [])


@pytest.mark.parametrize(
    "path",
    [
        "http://{elsewhere}/found.jpg",
        "http:%2F%2F{elsewhere}%2Ffound.jpg",
        "%2F%2F{elsewhere}%2Ffound.jpg",
        "//{elsewhere}/found.jpg",
        "@{elsewhere}/found.jpg",
        "somebody%40{elsewhere}.jpg",
        "..%2F..%2Ffound.jpg",
        "%252e%252e%252ffound.jpg",
        "..;%2Ffound.jpg",
        "found.jpg%00.png",
        "found.jpg%0d%0aHost:%20{elsewhere}",
        "found.jpg%23.jpg",
        "found.jpg?url=http://{elsewhere}/found.jpg",
        "\\\\{elsewhere}\\found.jpg",
    ],
)
async def test_no_name_of_a_file_is_an_address(gateway: Gateway, servers: Misleading, path: str) -> None:
    """What is no name of a picture of TMDB is refused before anybody is asked."""
    address = path.format(elsewhere=URL(servers.elsewhere.make_url("")).authority)
    async with gateway.http.get(URL(f"/api/pictures/tmdb/{address}", encoded=True)) as response:
        assert response.status in {400, 404}
        assert json.loads(await response.read())["success"] is False
    assert (servers.asked, servers.asked_elsewhere) == ([], [])


async def test_nor_is_the_host_that_a_client_calls(gateway: Gateway, servers: Misleading) -> None:
    """What is fetched is told by the film alone, below the configured address."""
    film(gateway, "https://image.tmdb.org/t/p/original/abc.jpg")
    named = {
        "X-Forwarded-Host": "169.254.169.254",
        "Forwarded": "host=169.254.169.254",
        "Referer": "http://evil.example",
    }
    async with gateway.http.get(POSTER, headers=named) as response:
        assert response.status == 502
    assert servers.asked == ["/base/t/p/original/abc.jpg"]
