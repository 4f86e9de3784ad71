"""The API's document, and Swagger UI to read it with; nothing comes from elsewhere."""

import json
from functools import cache
from typing import Final

from aiohttp import web
from swagger_ui_bundle import swagger_ui_path

from metarr_gateway import openapi, openapi_30
from metarr_gateway.page_headers import page_headers

FILES: Final = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Metarr API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START = """window.ui = SwaggerUIBundle({
  url: new URL("docs/openapi-3.0.json", document.baseURI).href,
  dom_id: "#swagger-ui",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis],
  validatorUrl: null,
});
"""


@cache
def _document() -> bytes:
    return json.dumps(openapi.document()).encode()


@cache
def _document_30() -> bytes:
    return json.dumps(openapi_30.translate(openapi.document())).encode()


async def openapi_document(_request: web.Request) -> web.Response:
    """`GET /api/openapi.json`."""
    return web.Response(body=_document(), content_type="application/json")


async def api_docs(_request: web.Request) -> web.Response:
    """`GET /api/docs`."""
    return web.Response(text=PAGE, content_type="text/html", headers=page_headers())


async def docs_file(request: web.Request) -> web.StreamResponse:
    """A part of that page."""
    match request.match_info["file"]:
        case "start.js":
            return web.Response(text=START, content_type="text/javascript")
        case "openapi-3.0.json":
            return web.Response(body=_document_30(), content_type="application/json")
        case file if file in FILES:
            return web.FileResponse(swagger_ui_path / file)
        case _:
            raise web.HTTPNotFound
