"""The API's document and the page that draws it, from this server alone."""

import re

from openapi_spec_validator import validate
from tests.integration.gateway.conftest import Gateway

from metarr_gateway.openapi import document
from metarr_gateway.page_headers import page_headers


async def test_the_document_is_served(gateway: Gateway) -> None:
    """`/api/openapi.json` is the document that is built from the routes."""
    assert await gateway.get("/api/openapi.json") == (200, document())


async def test_the_page_and_all_its_parts_come_from_here(gateway: Gateway) -> None:
    """Swagger UI needs no other server; what it draws is OpenAPI 3.0, the newest that it knows."""
    async with gateway.http.get("/api/docs") as response:
        page = await response.text()
        assert response.content_type == "text/html"
        assert response.headers["Content-Security-Policy"] == page_headers()["Content-Security-Policy"]
    parts = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(parts) == 4
    for part in parts:
        async with gateway.http.get(f"/api/{part}") as response:
            assert response.status == 200
            assert "http" not in part
    status, drawn = await gateway.get("/api/docs/openapi-3.0.json")
    assert (status, drawn["openapi"]) == (200, "3.0.3")
    validate(drawn)


async def test_nothing_else_of_that_package_is_served(gateway: Gateway) -> None:
    """Unknown parts are 404 in JSON."""
    assert (await gateway.get("/api/docs/index.html"))[0] == 404
    assert (await gateway.get("/api/docs/..%2f..%2fsettings.py"))[0] == 404


async def test_health(gateway: Gateway) -> None:
    """Alive and ready, without any database."""
    assert (await gateway.get("/healthz"))[0] == 200
    assert (await gateway.get("/readyz"))[0] == 200
