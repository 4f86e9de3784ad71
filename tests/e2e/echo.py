"""Providers that repeat in their answers what they were asked with, keys and all, as badly made servers do."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
from aiohttp import web

Manner = Literal["found", "refused", "throttled", "unavailable", "unexpected", "garbage", "redirect", "cut_off"]
STATUS: dict[Manner, int] = {"refused": 401, "throttled": 429, "unavailable": 503, "unexpected": 400, "redirect": 302}


@dataclass
class Echo:
    """Stands before the sandbox. `manners` says by TMDB or IMDb id how a film is answered; others are found."""

    url: str = ""
    sandbox_url: str = ""
    manners: dict[str, Manner] = field(default_factory=dict)
    everywhere: Manner | None = None
    asked: int = 0

    def manner(self, request: web.Request) -> Manner:
        """How this request is answered."""
        words = {*request.path.split("/"), *request.query.values()}
        manners: list[Manner] = [self.manners[word] for word in words & self.manners.keys()]
        return self.everywhere or (manners[0] if manners else "found")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The sandbox's answer with the request in all its texts, or a failure that is about the request."""
        self.asked += 1
        said = f"{request.url} {request.raw_path} {dict(request.headers)}"
        match self.manner(request):
            case "found":
                return await self._found(request, said)
            case "garbage":
                return web.Response(text=f"<!doctype html>{said}", content_type="application/json")
            case "cut_off":
                response = web.StreamResponse(headers={"Content-Length": "100000"})
                await response.prepare(request)
                await response.write(said.encode())
                assert request.transport is not None
                request.transport.close()
                return response
            case manner:
                headers = {"Location": str(request.url), "Retry-After": "1", "X-Asked": request.raw_path}
                body = {"status_code": 0, "status_message": said, "Error": said, "error message": said}
                if manner == "refused":
                    body |= {"status_code": 7, "Error": f"Invalid API key! {said}"}
                return web.json_response(body, status=STATUS[manner], headers=headers)

    async def _found(self, request: web.Request, said: str) -> web.Response:
        kept = {name: value for name, value in request.headers.items() if name not in {"Host", "Accept-Encoding"}}
        async with (
            aiohttp.ClientSession() as client,
            client.get(self.sandbox_url + request.raw_path, headers=kept) as found,
        ):
            body = await found.json(content_type=None)
            return web.json_response(_repeating(body, said, request))


def _repeating(body: Any, said: str, request: web.Request) -> Any:
    """The answer with the request in texts for people, and in the addresses of pictures."""
    if not isinstance(body, dict):
        return body
    address = f"https://m.media-amazon.com/images/poster.jpg?{request.query_string}"
    added: dict[str, Any] = {}
    if "overview" in body:
        added |= {"overview": said, "tagline": f"{said[:60]} {request.query_string}"}
    if "Plot" in body:
        added |= {"Plot": said, "Poster": address}
    if request.path.startswith("/fanart"):
        keys = "&".join(value.replace(" ", "+") for name, value in request.headers.items() if "key" in name)
        pictures = [{"id": "1", "url": f"https://assets.fanart.tv/fanart/1.jpg?{keys}", "lang": "en", "likes": "1"}]
        added |= {"name": said, "tmdb_id": request.path.rpartition("/")[2], "movieposter": pictures}
    return {**body, **added}


@contextlib.asynccontextmanager
async def echoing() -> AsyncIterator[Echo]:
    """Such providers, at the paths that the sandbox has."""
    echo = Echo()
    app = web.Application()
    app.router.add_get("/{path:.*}", echo.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        echo.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield echo
    finally:
        await runner.cleanup()
