"""The web UI beside the API: its page, its files, and nothing else of the disk."""

import asyncio
import gzip
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs
from tests.integration.gateway.conftest import Gateway
from yarl import URL

from metarr_gateway.settings import GatewaySettings

PAGE = (
    '<meta property="csp-nonce" nonce="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style><script src="{}"></script>'
)
SCRIPT = "assets/index-1a2b.js"
SOURCE = b"console.log('\xc3\xa9')"
FOREVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a build leaves, with a secret beside it."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "dist"
    write(folder, SCRIPT)
    for name in ("theme.js", "icon.svg", "assets/inter-3c4d.woff2", "assets/index-5e6f.css"):
        (folder / name).write_bytes(name.encode())
    (folder / f"{SCRIPT}.br").write_bytes(b"as brotli")
    (folder / f"{SCRIPT}.gz").write_bytes(gzip.compress(SOURCE))
    (folder / "theme.js.gz").write_bytes(gzip.compress(b"theme.js"))
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    return folder


def write(folder: Path, script: str) -> None:
    """A page and its script."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE.format(script))
    (folder / script).write_bytes(SOURCE)


@pytest.fixture
def settings(settings: GatewaySettings, folder: Path) -> GatewaySettings:
    """The gateway is told where the UI is."""
    return settings.model_copy(update={"ui_dir": folder})


async def fetch(
    gateway: Gateway, path: str, method: str = "GET", accept: str = "identity"
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers, and the body as it was sent; the path goes out as it is written."""
    url = URL(f"{gateway.http._base_url}".rstrip("/") + path, encoded=True)
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.request(method, url, headers={"Accept-Encoding": accept}) as response,
    ):
        return response.status, response.headers, await response.read()


@pytest.mark.parametrize(
    "path", ["/", "/movies/123", "/activity", "/index.html", "/apiary", "/search?q=mr.nobody", "/a/"]
)
async def test_every_route_of_the_client_is_the_page(gateway: Gateway, path: str) -> None:
    """Whoever opens or reloads any address gets the page, which is never kept; nothing but this server may be used."""
    status, headers, body = await fetch(gateway, path, accept="br, gzip")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert SCRIPT in body.decode()
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"
    )


async def test_each_answer_has_a_nonce_of_its_own(gateway: Gateway) -> None:
    """The page's nonces are the header's, and nobody can foresee them."""
    seen = set()
    for _ in range(3):
        _, headers, body = await fetch(gateway, "/")
        (allowed,) = re.findall(r"'nonce-([\w-]{22})'", headers["Content-Security-Policy"])
        assert re.findall('nonce="([^"]*)"', body.decode()) == [allowed, allowed]
        seen.add(allowed)
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("path", "content_type", "cache"),
    [
        (f"/{SCRIPT}", "text/javascript; charset=utf-8", FOREVER),
        ("/assets/inter-3c4d.woff2", "font/woff2", FOREVER),
        ("/assets/index-5e6f.css", "text/css; charset=utf-8", FOREVER),
        ("/theme.js", "text/javascript; charset=utf-8", AN_HOUR),
        ("/icon.svg", "image/svg+xml", AN_HOUR),
    ],
)
async def test_files(gateway: Gateway, folder: Path, path: str, content_type: str, cache: str) -> None:
    """What is named by its content is kept for good, the rest for an hour; types are the same on every machine."""
    status, headers, body = await fetch(gateway, path)
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, content_type, cache)
    assert body == (folder / path[1:]).read_bytes()
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("path", "accept", "coding"),
    [
        (f"/{SCRIPT}", "gzip, deflate, br, zstd", "br"),
        (f"/{SCRIPT}", "br;q=0, gzip", "gzip"),
        (f"/{SCRIPT}", "br;q=0.1, gzip;q=0.9", "gzip"),
        (f"/{SCRIPT}", "identity", None),
        (f"/{SCRIPT}", "zstd", None),
        ("/theme.js", "br, gzip", "gzip"),
        ("/theme.js", "br", None),
        ("/icon.svg", "br, gzip", None),
    ],
)
async def test_compressed_files(gateway: Gateway, folder: Path, path: str, accept: str, coding: str | None) -> None:
    """The form that the client likes best of those that were built; type and caching stay those of the file."""
    status, headers, body = await fetch(gateway, path, accept=accept)
    suffix = {"br": ".br", "gzip": ".gz", None: ""}[coding]
    assert (status, headers.get("Content-Encoding")) == (200, coding)
    assert body == (folder / f"{path[1:]}{suffix}").read_bytes()
    assert headers["Content-Type"] == (await fetch(gateway, path))[1]["Content-Type"]
    assert headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/", "/movies/1", f"/{SCRIPT}", "/theme.js"])
async def test_head(gateway: Gateway, path: str) -> None:
    """The headers of GET without the body."""
    _, of_get, sent = await fetch(gateway, path, accept="gzip")
    status, headers, body = await fetch(gateway, path, "HEAD", accept="gzip")
    assert (status, body, int(headers["Content-Length"])) == (200, b"", len(sent))
    for name in ("Content-Type", "Cache-Control", "Content-Encoding", "Vary"):
        assert headers.get(name) == of_get.get(name)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing.js",
        "/assets/nothing.js",
        "/assets/nothing",
        "/assets/",
        "/assets//",
        "/assets/.",
        "/assets/../index.html",
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/out.txt",
        "/%00.js",
        "/assets/%00",
        f"/{'a' * 300}.js",
        "/api",
        "/api/",
        "/api/nothing",
        "/api/nothing.js",
        "/ws/nothing",
        "/healthz/nothing",
    ],
)
async def test_what_is_not_there_is_404(gateway: Gateway, path: str) -> None:
    """In JSON: unknown files, what is outside the folder however it is written, and addresses of the service."""
    status, headers, body = await fetch(gateway, path, accept="br, gzip")
    assert (status, headers["Content-Type"]) == (404, "application/json")
    assert b"not_found" in body
    assert headers["Cache-Control"] == "no-store"


async def test_an_absolute_path_leads_nowhere(gateway: Gateway, folder: Path) -> None:
    """A second slash does not make it a path of the disk, not even one into the folder's own neighbourhood."""
    assert (folder.parent / "secret.txt").is_file()
    assert (await fetch(gateway, f"/{folder.parent}/secret.txt"))[0] == 404


@pytest.mark.parametrize("path", ["/", "/movies/1", f"/{SCRIPT}", "/theme.js"])
async def test_the_ui_is_only_read(gateway: Gateway, path: str) -> None:
    """Another method is 405 in JSON."""
    status, headers, body = await fetch(gateway, path, "POST")
    assert (status, headers["Allow"]) == (405, "GET,HEAD")
    assert b"method_not_allowed" in body


async def test_the_api_is_what_it_was(gateway: Gateway) -> None:
    """No address of the API is taken for one of the client: unknown ones are 404 by any method, others 405."""
    assert (await gateway.post("/api/nothing"))[0] == 404
    assert (await gateway.get("/api/enrichment/bulk-run"))[0] == 405
    assert (await gateway.get("/readyz"))[0] == 200
    assert (await gateway.get("/api/about"))[0] == 200


async def test_a_new_build_is_served_at_once(gateway: Gateway, folder: Path) -> None:
    """The folder may be replaced while the gateway runs; until it is there again there is no page."""
    shutil.rmtree(folder)
    assert (await fetch(gateway, "/"))[0] == 404
    assert (await fetch(gateway, f"/{SCRIPT}"))[0] == 404
    await asyncio.to_thread(write, folder, "assets/index-9z8y.js")
    assert "assets/index-9z8y.js" in (await fetch(gateway, "/"))[2].decode()
    assert (await fetch(gateway, "/assets/index-9z8y.js"))[0] == 200


async def test_files_are_logged_quietly(gateway: Gateway) -> None:
    """One line with the route, never the address; files are for who looks closely."""
    with capture_logs() as lines:
        for path in ("/movies/123", "/theme.js", f"/{SCRIPT}"):
            await fetch(gateway, path)
    logged = [(line["log_level"], line["route"]) for line in lines if line["event"] == "request"]
    assert logged == [("info", "/{page}"), ("debug", "/{file}"), ("debug", "/assets/{file}")]


class TestWithoutUi:
    """No folder is named."""

    @pytest.fixture
    def settings(self, settings: GatewaySettings) -> GatewaySettings:
        """The API alone."""
        return settings.model_copy(update={"ui_dir": None})

    @pytest.mark.parametrize("path", ["/", "/movies/1", "/theme.js"])
    async def test_there_is_nothing(self, gateway: Gateway, path: str) -> None:
        """404 in JSON, as for any unknown address."""
        assert (await gateway.get(path))[0] == 404
