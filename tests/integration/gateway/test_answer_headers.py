"""What every answer of a gateway says beside its content."""

import pytest
from tests.integration.gateway.conftest import Gateway

from metarr_gateway.answer_headers import ALWAYS

PATHS = (
    "/api/about",
    "/api/movies",
    "/api/movies/0",
    "/api/nothing",
    "/nothing",
    "/healthz",
    "/readyz",
    "/metrics",
    "/ws",
    "/api/docs",
    "/api/docs/swagger-ui.css",
    "/api/openapi.json",
    "/api/session",
)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
async def test_every_answer_has_them(gateway: Gateway, method: str) -> None:
    """Whatever is asked and however it fails; what says nothing else is not kept."""
    for path in PATHS:
        async with gateway.http.request(method, path) as response:
            assert ALWAYS.keys() <= response.headers.keys(), path
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "unsafe" not in response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert response.headers["Cache-Control"] == "no-store", path
            assert "Strict-Transport-Security" not in response.headers
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_by_https_it_stays_so(gateway: Gateway) -> None:
    """A browser that came safely does so from now on."""
    for path in ("/api/about", "/nothing"):
        async with gateway.http.get(path, headers={"X-Forwarded-Proto": "https"}) as response:
            assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_a_web_socket_has_them_too(gateway: Gateway) -> None:
    """Its answer is one like others."""
    async with gateway.http.ws_connect("/ws") as socket:
        assert ALWAYS.keys() <= dict(socket._response.headers).keys()
