"""Pictures under ``/pictures/<real host>/<path>``, as the real hosts serve them."""

import asyncio

from aiohttp import web

from metarr_sandbox import pictures
from metarr_sandbox.library import Library
from metarr_sandbox.picture_paths import recognise


def add_pictures(app: web.Application, library: Library) -> None:
    """Add the picture hosts."""
    cache = pictures.Cache()

    async def serve(request: web.Request) -> web.Response:
        wanted = recognise(request.match_info["host"], "/" + request.match_info["path"])
        if wanted is None:
            raise web.HTTPNotFound
        headers = {"ETag": wanted.etag, "Cache-Control": "public, max-age=31536000", "Vary": "Accept"}
        if request.headers.get("If-None-Match") == wanted.etag:
            return web.Response(status=304, headers=headers)
        film = None if wanted.shows is None else library.by_tmdb_id(wanted.shows.tmdb_id)
        title = film.title if film is not None and wanted.has_title else ""
        body = await asyncio.to_thread(cache.get, wanted, title)
        return web.Response(body=body, content_type=wanted.content_type, headers=headers)

    app.router.add_get("/pictures/{host}/{path:.+}", serve)
