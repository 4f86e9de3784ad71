"""What handlers find in the application."""

from collections.abc import Mapping

from aiohttp import web

from metarr_chassis.bus import Bus
from metarr_chassis.health import Readiness
from metarr_chassis.rate import SharedRate
from metarr_gateway.command_queue import CommandQueue
from metarr_gateway.hub import Hub
from metarr_gateway.library import Library
from metarr_gateway.pictures import Pictures
from metarr_gateway.queries import Queries
from metarr_gateway.runs import Runs
from metarr_gateway.settings import GatewaySettings
from metarr_gateway.sockets import Sockets
from metarr_gateway.ui_files import UiFiles

BUS = web.AppKey("bus", Bus)
READINESS = web.AppKey("readiness", Readiness)
SETTINGS = web.AppKey("settings", GatewaySettings)
QUERIES = web.AppKey("queries", Queries)
LIBRARY = web.AppKey("library", Library)
QUEUE = web.AppKey("queue", CommandQueue)
REFRESHES = web.AppKey("refreshes", SharedRate)
BULK_STARTS = web.AppKey("bulk_starts", SharedRate)
RUNS = web.AppKey("runs", Runs)
SOCKETS = web.AppKey("sockets", Sockets)
HUB = web.AppKey("hub", Hub)
PICTURES = web.AppKey("pictures", Pictures)
UI = web.AppKey("ui", UiFiles)
PICTURE_BASES: web.AppKey[Mapping[str, str]] = web.AppKey("picture_bases", Mapping)
