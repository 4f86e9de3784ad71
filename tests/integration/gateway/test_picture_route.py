"""Pictures: from configured hosts only, fetched once, kept on disk, answered with an ETag."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from tests.integration.gateway.conftest import PATIENCE, Gateway
from yarl import URL

from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_gateway.settings import GatewaySettings

PNG = b"\x89PNG\r\n\x1a\n and so on"
POSTER = "/api/movies/5/images/poster"


class Host:
    """A picture host that counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.options: dict[str, Any] = {"body": PNG, "content_type": "image/png"}

    async def serve(self, request: web.Request) -> web.Response:
        """Any picture."""
        self.asked.append(request.path)
        await self.open.wait()
        return web.Response(**self.options)


@pytest.fixture
async def host() -> Host:
    """What the picture host does."""
    return Host()


@pytest.fixture
async def host_url(host: Host) -> AsyncIterator[str]:
    """Where it is."""
    app = web.Application()
    app.router.add_get("/{path:.*}", host.serve)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
def settings(nats_url: str, tmp_path: Path, host_url: str) -> GatewaySettings:
    """The picture host stands in for TMDB's."""
    hosts = {"image.tmdb.org": host_url}
    return GatewaySettings(nats_url=nats_url, picture_cache_dir=tmp_path / "pictures", picture_hosts=hosts)


def film(gateway: Gateway, poster: object) -> None:
    """The projector knows a film with this poster."""
    value = {"value": poster, "source": "tmdb", "fetchedAt": "2025-11-22T10:30:00Z"}
    movie = {
        "id": 5,
        "title": "Heat",
        "year": 1995,
        "imdbId": None,
        "tmdbId": 949,
        "completeness": 5,
        "band": "unenriched",
        "partial": False,
        "rateLimitedProviders": [],
        "missingFields": [],
        "identification": "identified",
        "hasPoster": True,
        "lastEnriched": None,
        "addedAt": "2025-11-22T10:30:00Z",
        "fields": {"poster": value},
        "locked": [],
        "candidates": [],
    }
    gateway.stand_in.on(subjects.query("movie.get"), json.dumps(movie).encode())


async def test_a_picture_is_fetched_once(gateway: Gateway, host: Host) -> None:
    """The second time it comes from the disk; each width is a picture of its own."""
    film(gateway, "https://image.tmdb.org/t/p/original/abc.jpg")
    for width, path in [("?w=300", "/t/p/w342/abc.jpg"), ("", "/t/p/original/abc.jpg")]:
        for _ in range(2):
            async with gateway.http.get(POSTER + width) as response:
                assert (response.status, response.content_type, await response.read()) == (200, "image/png", PNG)
        assert host.asked[-1] == path
    assert len(host.asked) == 2


async def test_who_has_it_gets_304(gateway: Gateway, host: Host) -> None:
    """With the ETag nothing is fetched or sent."""
    film(gateway, "https://image.tmdb.org/t/p/original/abc.jpg")
    async with gateway.http.get(POSTER) as first:
        etag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "private, max-age=60"
        assert first.headers["X-Content-Type-Options"] == "nosniff"
    async with gateway.http.get(POSTER, headers={"If-None-Match": f'"other", {etag}'}) as again:
        assert (again.status, again.headers["ETag"], await again.read()) == (304, etag, b"")
    film(gateway, "https://image.tmdb.org/t/p/original/new.jpg")
    async with gateway.http.get(POSTER, headers={"If-None-Match": etag}) as changed:
        assert changed.status == 200
    assert len(host.asked) == 2


async def test_a_state_of_the_film_makes_an_address_of_its_own(gateway: Gateway, host: Host) -> None:
    """A browser asks for it again, we do not: it names the same picture."""
    film(gateway, "https://image.tmdb.org/t/p/original/abc.jpg")
    etags = set()
    for state in ("", "&v=2025-11-22T10:30:00.123456Z", f"&v={'x' * 64}"):
        async with gateway.http.get(f"{POSTER}?w=300{state}") as response:
            assert (response.status, await response.read()) == (200, PNG)
            etags.add(response.headers["ETag"])
    assert (len(etags), host.asked) == (1, ["/t/p/w342/abc.jpg"])


async def test_many_who_want_it_at_once_cause_one_fetch(gateway: Gateway, host: Host) -> None:
    """A page that shows one picture ten times asks its host once."""
    film(gateway, "https://image.tmdb.org/t/p/original/abc.jpg")
    host.open.clear()
    asking = [asyncio.create_task(gateway.http.get(POSTER)) for _ in range(10)]
    async with asyncio.timeout(PATIENCE):
        # What the film is they ask together, so those who come while the first one asks share the second question.
        while len(gateway.stand_in.asked) < 2 or not host.asked:
            await asyncio.sleep(0.01)
    host.open.set()
    responses = await asyncio.gather(*asking)
    assert [response.status for response in responses] == [200] * 10
    assert len(host.asked) == 1
    for response in responses:
        response.release()


@pytest.mark.parametrize(
    "poster",
    [
        None,
        42,
        "abc.jpg",
        "https://evil.example/t/p/original/abc.jpg",
        "https://image.tmdb.org.evil.example/x.jpg",
        "https://image.tmdb.org/../control/reset",
        "https://image.tmdb.org/%2e%2e/control/reset",
        "http://[image.tmdb.org/x.jpg",
        "file:///etc/passwd",
    ],
)
async def test_other_hosts_are_never_asked(gateway: Gateway, host: Host, poster: object) -> None:
    """A value that is no picture of a known host is no picture: 404."""
    film(gateway, poster)
    status, body = await gateway.get(POSTER)
    assert (status, body["code"], host.asked) == (404, "picture_not_found", [])


async def test_a_film_without_that_picture_is_404(gateway: Gateway) -> None:
    """There is a poster, but no logo; and a film may not be there at all."""
    film(gateway, "https://image.tmdb.org/t/p/original/abc.jpg")
    assert (await gateway.get("/api/movies/5/images/clearlogo"))[1]["code"] == "picture_not_found"
    gateway.stand_in.on(subjects.query("movie.get"), RefusedError(404, "Movie not found", "movie_not_found"))
    assert (await gateway.get(POSTER))[1]["code"] == "movie_not_found"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/movies/5/images/disc", "kind"),
        ("/api/movies/5/images/poster?w=0", "w"),
        ("/api/movies/5/images/poster?w=wide", "w"),
        (f"/api/movies/5/images/poster?v={'x' * 65}", "v"),
        ("/api/movies/05/images/poster", "id"),
    ],
)
async def test_a_wrong_request_is_named(gateway: Gateway, path: str, field: str) -> None:
    """400 names what is wrong."""
    status, body = await gateway.get(path)
    assert (status, body["field"]) == (400, field)


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"status": 404}, 404, "picture_not_found"),
        ({"status": 500}, 502, "picture_host_failed"),
        ({"status": 302, "headers": {"Location": "http://evil.example/"}}, 502, "picture_host_failed"),
        ({"text": "<html>", "content_type": "text/html"}, 502, "picture_host_failed"),
        ({"body": b"x" * (21 * 1024 * 1024), "content_type": "image/png"}, 502, "picture_host_failed"),
    ],
)
async def test_a_host_that_fails(gateway: Gateway, host: Host, options: dict[str, Any], status: int, code: str) -> None:
    """No picture there is 404; everything else that is no picture is 502. Nothing of it is kept."""
    film(gateway, "https://image.tmdb.org/t/p/original/abc.jpg")
    good, host.options = host.options, options
    answer = await gateway.get(POSTER)
    assert (answer[0], answer[1]["code"]) == (status, code)
    host.options = good
    async with gateway.http.get(POSTER) as response:
        assert response.status == 200


async def test_a_folder_that_cannot_be_written_hurts_nobody(
    gateway: Gateway, settings: GatewaySettings, host: Host
) -> None:
    """The picture is answered and not kept."""
    settings.picture_cache_dir.write_text("a file stands in the way")
    film(gateway, "https://image.tmdb.org/t/p/original/abc.jpg")
    for _ in range(2):
        async with gateway.http.get(POSTER) as response:
            assert response.status == 200
    assert len(host.asked) == 2


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("abc.jpg?w=300", "/t/p/w342/abc.jpg"),
        ("abc.jpg?w=92", "/t/p/w92/abc.jpg"),
        ("abc.webp", "/t/p/original/abc.webp"),
        ("abc.svg?w=300", "/t/p/w342/abc.png"),
    ],
)
async def test_a_picture_of_a_candidate(gateway: Gateway, host: Host, path: str, source: str) -> None:
    """By the name of its file at TMDB, in the sizes of posters; kept, and by the browser for a day."""
    address = f"/api/pictures/tmdb/{path}"
    async with gateway.http.get(address) as response:
        assert (response.status, response.content_type, await response.read()) == (200, "image/png", PNG)
        etag = response.headers["ETag"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "private, max-age=86400"
    async with gateway.http.get(address) as again:
        assert (again.status, await again.read()) == (200, PNG)
    async with gateway.http.get(address, headers={"If-None-Match": etag}) as known:
        assert (known.status, known.headers["ETag"]) == (304, etag)
    assert host.asked == [source]
    assert gateway.stand_in.asked == []


async def test_a_candidate_in_the_library_is_fetched_once(gateway: Gateway, host: Host) -> None:
    """The same picture of the same host is one picture."""
    film(gateway, "https://image.tmdb.org/t/p/original/abc.jpg")
    for path in ("/api/pictures/tmdb/abc.jpg?w=300", f"{POSTER}?w=300"):
        async with gateway.http.get(path) as response:
            assert response.status == 200
    assert host.asked == ["/t/p/w342/abc.jpg"]


@pytest.mark.parametrize(
    "path",
    [
        "tmdb/abc.gif",
        "tmdb/abc",
        "tmdb/..%2Fabc.jpg",
        "tmdb/%2e%2e/abc.jpg",
        "tmdb/a.b.jpg",
        "tmdb/abc.jpg%3Fx",
        "tmdb/" + "x" * 81 + ".jpg",
        "tmdb/",
        "omdb/abc.jpg",
    ],
)
async def test_another_name_is_404(gateway: Gateway, host: Host, path: str) -> None:
    """The picture host is not asked."""
    async with gateway.http.get(URL(f"/api/pictures/{path}", encoded=True)) as response:
        assert (response.status, (await response.json())["success"]) == (404, False)
    assert host.asked == []


@pytest.mark.parametrize(("query", "field"), [("?w=0", "w"), ("?w=wide", "w"), ("?h=3", "h"), ("?v=3", "v")])
async def test_a_wrong_width_of_a_candidate_is_named(gateway: Gateway, query: str, field: str) -> None:
    """400, whatever the file is called."""
    for file in ("abc.jpg", "abc"):
        status, body = await gateway.get(f"/api/pictures/tmdb/{file}{query}")
        assert (status, body["field"]) == (400, field)
