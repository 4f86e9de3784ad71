"""The sandbox as an aiohttp application: three providers, their pictures, and the control endpoint."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from metarr_sandbox import control, tmdb_errors
from metarr_sandbox.clock import Clock
from metarr_sandbox.dice import Dice
from metarr_sandbox.faults import CLOSING, plain, play
from metarr_sandbox.library import Library
from metarr_sandbox.picture_routes import add_pictures
from metarr_sandbox.provider import FANART, OMDB, TMDB, Provider

_READING = ("GET", "HEAD")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app() -> web.Application:
    """A fresh sandbox. Base addresses: ``/tmdb/3``, ``/omdb/``, ``/fanart/v3``, ``/pictures/<host>``, ``/control``."""
    app = web.Application()
    library, clock = Library(), Clock()
    providers = {dialect.name: Provider(dialect) for dialect in (TMDB, OMDB, FANART)}
    app[CLOSING] = asyncio.Event()

    async def close(app: web.Application) -> None:
        app[CLOSING].set()
        await clock.close()

    app.on_shutdown.append(close)
    for name, path in (("tmdb", "/tmdb/3/{path:.*}"), ("omdb", "/omdb{path:/?}"), ("fanart", "/fanart/v3/{path:.*}")):
        app.router.add_route("*", path, _serving(providers[name], library, clock))
    control.add_control(app, providers, clock)
    add_pictures(app, library)
    return app


def _serving(provider: Provider, library: Library, clock: Clock) -> Handler:
    dice = Dice("jitter", provider.dialect.name)

    async def serve(request: web.Request) -> web.StreamResponse:
        now, monotonic = clock.now(), asyncio.get_running_loop().time
        query, headers = request.query, request.headers
        asked = provider.ask(library, request.match_info["path"], query, now)
        counts, resets = provider.counts, provider.resets
        entry = counts.arrived(asked.kind, asked.external_id, now.isoformat(), monotonic())
        delay = provider.settings.latency_ms + dice.roll(provider.settings.jitter_ms + 1)
        if delay:
            await asyncio.sleep(delay / 1000)
        if provider.resets != resets:
            # It is from before: no limit and no fault of what is now are for it.
            return plain(request, asked.answer())
        fault = provider.take_fault(asked.external_id)
        answered = False
        if fault is not None:
            if fault.kind == "wrong_film":
                asked = provider.ask_about_another(library, request.match_info["path"], query, now, asked.external_id)
            status, response = await play(request, provider, fault, asked, now)
        elif provider.dialect is TMDB and request.method not in _READING:
            status, response = 405, plain(request, tmdb_errors.answer(42))
        else:
            refusal = provider.refused(query, headers, clock.now(), monotonic())
            answer = refusal or asked.answer()
            answered = refusal is None and not _gone(request)
            status, response = answer.status, plain(request, answer)
        counts.ended(entry, status, fault.kind if fault else None, answered=answered)
        return response

    return serve


def _gone(request: web.Request) -> bool:
    """Whether the client has not waited for the answer."""
    return request.transport is None or request.transport.is_closing()
