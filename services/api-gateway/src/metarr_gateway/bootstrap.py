"""Wires the gateway: the ports that handlers use, the live notes, the server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import structlog
from aiohttp import web

from metarr_chassis.background import running
from metarr_chassis.bus import Bus
from metarr_chassis.micro import serve
from metarr_chassis.rate import Rate, SharedRate
from metarr_chassis.service import Context
from metarr_contracts import rates
from metarr_gateway import keys, live_notes
from metarr_gateway.access import Access
from metarr_gateway.api_key import ApiKey
from metarr_gateway.app import build_app
from metarr_gateway.buckets import Buckets, Pace
from metarr_gateway.command_queue import CommandQueue
from metarr_gateway.connection import Clients, ClientSite
from metarr_gateway.hub import Hub
from metarr_gateway.import_route import MAX_AT_ONCE
from metarr_gateway.key_file import follow
from metarr_gateway.library import Library
from metarr_gateway.limits import BURST_SECONDS, Limits
from metarr_gateway.picture_cache import PictureCache
from metarr_gateway.picture_urls import bases
from metarr_gateway.pictures import Pictures
from metarr_gateway.present_state import PresentState
from metarr_gateway.queries import Queries
from metarr_gateway.refusals import Refusals
from metarr_gateway.runs import Runs
from metarr_gateway.settings import MEGABYTE, GatewaySettings
from metarr_gateway.sockets import SIGN_IN_AGAIN, Sockets
from metarr_gateway.ui_files import UiFiles
from metarr_gateway.ui_routes import add_ui

log = structlog.get_logger()

MINUTE = 60
PARTING_SECONDS = 0.5
"""Idle connections are kept for so long when the gateway ends: a busy client asks again within it."""
LOOK_SECONDS = 0.01
SHUTDOWN_SECONDS = 2.5
"""Requests that take longer than twice that, which is how aiohttp counts, are cut off when the gateway ends.

With what is waited for besides, also for a bus that does not answer, it ends by itself within `service.STOP_SECONDS`.
"""
CONNECTIONS_PER_HOST = 8


def wire(context: Context[GatewaySettings], limits: Limits | None = None) -> web.Application:
    """The application with everything that it needs; the limits are those of the settings where no others are given."""
    app = build_app()
    settings, bus = context.settings, context.bus
    app[keys.ACCESS] = Access.of(settings)
    app[keys.LIMITS] = limits or _limits_of(settings)
    app[keys.BUCKETS] = Buckets(app[keys.LIMITS].requests)
    app[keys.REFUSALS] = Refusals()
    app[keys.BUS] = bus
    app[keys.READINESS] = context.readiness
    app[keys.PARTING] = asyncio.Event()
    app[keys.SETTINGS] = settings
    app[keys.QUERIES] = Queries(bus)
    app[keys.LIBRARY] = Library(bus)
    app[keys.QUEUE] = CommandQueue(bus, context.clock)
    app[keys.IMPORTS] = asyncio.Semaphore(MAX_AT_ONCE)
    app[keys.REFRESHES] = _per_minute(bus, rates.MANUAL_REFRESHES, settings.manual_refreshes_per_minute)
    app[keys.BULK_STARTS] = _per_minute(bus, rates.MANUAL_BULK_STARTS, settings.bulk_starts_per_minute)
    app[keys.RUNS] = Runs(app[keys.QUERIES], app[keys.QUEUE], context.clock)
    app[keys.HUB] = Hub()
    present_state = PresentState(app[keys.QUERIES], app[keys.RUNS], app[keys.QUEUE])
    app[keys.SOCKETS] = Sockets(app[keys.HUB], present_state, app[keys.LIMITS].frames)
    app[keys.PICTURE_BASES] = bases(settings.picture_hosts, settings.sandbox_url)
    if settings.ui_dir is not None:
        add_ui(app, UiFiles(settings.ui_dir))
    app.cleanup_ctx.append(_follow_notes)
    app.cleanup_ctx.append(_open_pictures)
    app.cleanup_ctx.append(_follow_key)
    app.on_shutdown.append(_close_sockets)
    return app


def _limits_of(settings: GatewaySettings) -> Limits:
    rate = settings.requests_per_second
    return Limits(Pace(rate, rate * BURST_SECONDS), settings.connections_per_client, settings.trusted_proxies)


def _per_minute(bus: Bus, key: str, times: int) -> SharedRate:
    return SharedRate(bus, key, Rate(times / MINUTE, times))


@contextlib.asynccontextmanager
async def start(context: Context[GatewaySettings]) -> AsyncIterator[None]:
    """Serve while the context is open; on leaving sockets are closed and requests finished."""
    app = wire(context)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    try:
        await runner.setup()
        clients = Clients(app[keys.LIMITS], app[keys.REFUSALS])
        await ClientSite(runner, context.settings.http_host, context.settings.http_port, clients).start()
        log.info("listening", addresses=[f"http://{host}:{port}" for host, port, *_ in runner.addresses])
        # On the bus it answers nothing but whether it is there.
        async with serve(context.bus, "gateway", "HTTP and WebSocket", ()):
            yield
    finally:
        await _part(app, runner)
        await runner.cleanup()


async def _part(app: web.Application, runner: web.AppRunner) -> None:
    """Answer what still comes, and say with each answer that it is the last on its connection.

    A client that finds out by a connection that is closed under its request cannot know whether it was carried out.
    """
    app[keys.PARTING].set()
    app[keys.SOCKETS].stop()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PARTING_SECONDS):
            while runner.server is not None and runner.server.connections:  # noqa: ASYNC110 - aiohttp does not tell
                await asyncio.sleep(LOOK_SECONDS)


async def _follow_notes(app: web.Application) -> AsyncIterator[None]:
    async with live_notes.follow(app[keys.BUS], app[keys.SOCKETS]):
        yield


async def _follow_key(app: web.Application) -> AsyncIterator[None]:
    file, key = app[keys.SETTINGS].api_key_file, app[keys.ACCESS].key
    if file is None or key is None:
        yield
        return

    def replace(new: ApiKey) -> None:
        log.info("another API key: all sessions end")
        app[keys.ACCESS].replace_key(new)
        app[keys.SOCKETS].close_all(*SIGN_IN_AGAIN)

    async with running(follow(file, key, replace)):
        yield


async def _open_pictures(app: web.Application) -> AsyncIterator[None]:
    settings = app[keys.SETTINGS]
    cache = PictureCache(settings.picture_cache_dir, settings.picture_cache_mb * MEGABYTE)
    connector = aiohttp.TCPConnector(limit_per_host=CONNECTIONS_PER_HOST)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        app[keys.PICTURES] = Pictures(session, cache)
        yield


async def _close_sockets(app: web.Application) -> None:
    app[keys.SOCKETS].stop()
    await app[keys.SOCKETS].wait_closed()
