"""Wires the gateway: the ports that handlers use, the live notes, the server."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp
import structlog
from aiohttp import WSCloseCode, web

from metarr_chassis.bus import Bus
from metarr_chassis.rate import Rate, SharedRate
from metarr_chassis.service import Context
from metarr_gateway import keys, live_notes
from metarr_gateway.app import build_app
from metarr_gateway.command_queue import CommandQueue
from metarr_gateway.hub import Hub
from metarr_gateway.library import Library
from metarr_gateway.picture_cache import PictureCache
from metarr_gateway.picture_urls import bases
from metarr_gateway.pictures import Pictures
from metarr_gateway.present_state import PresentState
from metarr_gateway.queries import Queries
from metarr_gateway.runs import Runs
from metarr_gateway.settings import MEGABYTE, GatewaySettings
from metarr_gateway.sockets import Sockets
from metarr_gateway.ui_files import UiFiles
from metarr_gateway.ui_routes import add_ui

log = structlog.get_logger()

REFRESHES_KEY = "manual-refreshes"
BULK_STARTS_KEY = "manual-bulk-starts"
MINUTE = 60
SHUTDOWN_SECONDS = 10.0
CONNECTIONS_PER_HOST = 8


def wire(context: Context[GatewaySettings]) -> web.Application:
    """The application with everything that it needs."""
    app = build_app()
    settings, bus = context.settings, context.bus
    app[keys.BUS] = bus
    app[keys.READINESS] = context.readiness
    app[keys.SETTINGS] = settings
    app[keys.QUERIES] = Queries(bus)
    app[keys.LIBRARY] = Library(bus)
    app[keys.QUEUE] = CommandQueue(bus, context.clock)
    app[keys.REFRESHES] = _per_minute(bus, REFRESHES_KEY, settings.manual_refreshes_per_minute)
    app[keys.BULK_STARTS] = _per_minute(bus, BULK_STARTS_KEY, settings.bulk_starts_per_minute)
    app[keys.RUNS] = Runs(app[keys.QUERIES], app[keys.QUEUE], context.clock)
    app[keys.HUB] = Hub()
    app[keys.SOCKETS] = Sockets(app[keys.HUB], PresentState(app[keys.QUERIES], app[keys.RUNS], app[keys.QUEUE]))
    app[keys.PICTURE_BASES] = bases(settings.picture_hosts, settings.sandbox_url)
    if settings.ui_dir is not None:
        add_ui(app, UiFiles(settings.ui_dir))
    app.cleanup_ctx.append(_follow_notes)
    app.cleanup_ctx.append(_open_pictures)
    app.on_shutdown.append(_close_sockets)
    return app


def _per_minute(bus: Bus, key: str, times: int) -> SharedRate:
    return SharedRate(bus, key, Rate(times / MINUTE, times))


@contextlib.asynccontextmanager
async def start(context: Context[GatewaySettings]) -> AsyncIterator[None]:
    """Serve while the context is open; on leaving sockets are closed and requests finished."""
    runner = web.AppRunner(wire(context), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, context.settings.http_host, context.settings.http_port).start()
        log.info("listening", addresses=[f"http://{host}:{port}" for host, port, *_ in runner.addresses])
        yield
    finally:
        await runner.cleanup()


async def _follow_notes(app: web.Application) -> AsyncIterator[None]:
    async with live_notes.follow(app[keys.BUS], app[keys.SOCKETS]):
        yield


async def _open_pictures(app: web.Application) -> AsyncIterator[None]:
    settings = app[keys.SETTINGS]
    cache = PictureCache(settings.picture_cache_dir, settings.picture_cache_mb * MEGABYTE)
    connector = aiohttp.TCPConnector(limit_per_host=CONNECTIONS_PER_HOST)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        app[keys.PICTURES] = Pictures(session, cache)
        yield


async def _close_sockets(app: web.Application) -> None:
    app[keys.SOCKETS].close_all(WSCloseCode.GOING_AWAY, "the server stops")
    await app[keys.SOCKETS].wait_closed()
