"""What handlers find in the application."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from metarr_chassis.bus import Bus
from metarr_chassis.health import Readiness
from metarr_chassis.rate import SharedRate
from metarr_gateway.access import Access
from metarr_gateway.buckets import Buckets
from metarr_gateway.command_queue import CommandQueue
from metarr_gateway.hub import Hub
from metarr_gateway.library import Library
from metarr_gateway.limits import Limits
from metarr_gateway.pictures import Pictures
from metarr_gateway.queries import Queries
from metarr_gateway.refusals import Refusals
from metarr_gateway.runs import Runs
from metarr_gateway.settings import GatewaySettings
from metarr_gateway.sockets import Sockets
from metarr_gateway.ui_files import UiFiles

ACCESS = web.AppKey("access", Access)
BUCKETS = web.AppKey("buckets", Buckets)
BUS = web.AppKey("bus", Bus)
LIMITS = web.AppKey("limits", Limits)
REFUSALS = web.AppKey("refusals", Refusals)
PARTING = web.AppKey("parting", asyncio.Event)
READINESS = web.AppKey("readiness", Readiness)
SETTINGS = web.AppKey("settings", GatewaySettings)
QUERIES = web.AppKey("queries", Queries)
LIBRARY = web.AppKey("library", Library)
QUEUE = web.AppKey("queue", CommandQueue)
IMPORTS = web.AppKey("imports", asyncio.Semaphore)
REFRESHES = web.AppKey("refreshes", SharedRate)
BULK_STARTS = web.AppKey("bulk_starts", SharedRate)
RUNS = web.AppKey("runs", Runs)
SOCKETS = web.AppKey("sockets", Sockets)
HUB = web.AppKey("hub", Hub)
PICTURES = web.AppKey("pictures", Pictures)
UI = web.AppKey("ui", UiFiles)
PICTURE_BASES: web.AppKey[Mapping[str, str]] = web.AppKey("picture_bases", Mapping)
