"""The web UI: one page for every route of the client, and the files that it needs."""

import asyncio
from pathlib import PurePosixPath
from secrets import token_urlsafe

from aiohttp import web

from metarr_gateway.accept_encoding import codings
from metarr_gateway.keys import UI
from metarr_gateway.page_headers import page_headers
from metarr_gateway.ui_files import PAGE, UiFiles

OURS = r"(?!(?:api|ws|healthz|readyz|metrics)(?:/|$))"
"""Addresses of the service stay what they are without a UI, whether there is anything at them or not."""
ASSETS = "/assets/{file:.*}"
FILES = rf"/{{file:{OURS}.*\.[A-Za-z0-9]+}}"
PAGES = f"/{{page:{OURS}.*}}"

NONCE_PLACE = "__CSP_NONCE__"
NONCE_BYTES = 16
FOREVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"


def add_ui(app: web.Application, files: UiFiles) -> None:
    """Serve the UI beside the API; the last routes to be added, for they take what is left."""
    app[UI] = files
    app.router.add_get(ASSETS, ui_asset)
    app.router.add_get(FILES, ui_file)
    app.router.add_get(PAGES, ui_page)


async def ui_page(request: web.Request) -> web.Response:
    """The page, with a nonce of its own for the styles that it adds."""
    page = await asyncio.to_thread(request.app[UI].page)
    if page is None:
        raise web.HTTPNotFound
    nonce = token_urlsafe(NONCE_BYTES)
    headers = {**page_headers(nonce), "Cache-Control": "no-cache"}
    return web.Response(text=page.replace(NONCE_PLACE, nonce), content_type="text/html", headers=headers)


async def ui_asset(request: web.Request) -> web.Response:
    """A file whose name changes with its content."""
    return await _file(request, PurePosixPath("assets") / request.match_info["file"], FOREVER)


async def ui_file(request: web.Request) -> web.Response:
    """Any other file."""
    name = PurePosixPath(request.match_info["file"])
    return await ui_page(request) if name == PurePosixPath(PAGE) else await _file(request, name, AN_HOUR)


async def _file(request: web.Request, name: PurePosixPath, cache: str) -> web.Response:
    wanted = codings(",".join(request.headers.getall("Accept-Encoding", ())))
    found = await asyncio.to_thread(request.app[UI].file, name, wanted)
    if found is None:
        raise web.HTTPNotFound
    headers = {"Content-Type": found.content_type, "Cache-Control": cache, "Vary": "Accept-Encoding"}
    if found.coding is not None:
        headers["Content-Encoding"] = found.coding
    return web.Response(body=found.content, headers=headers)
