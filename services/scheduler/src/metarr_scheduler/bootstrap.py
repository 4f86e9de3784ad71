"""How the scheduler is wired, once, at start."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import structlog

from metarr_chassis.background import running
from metarr_chassis.errors import ChassisError
from metarr_chassis.event_store import EventStore
from metarr_chassis.service import Context
from metarr_scheduler.planner import Planner
from metarr_scheduler.settings import SchedulerSettings

log = structlog.get_logger()

RETRY_SECONDS = 2.0


@contextlib.asynccontextmanager
async def start(context: Context[SchedulerSettings]) -> AsyncIterator[None]:
    """The scheduler works while this is open."""
    settings = context.settings
    store = EventStore(context.bus, "scheduler")
    planner = Planner(store, context.clock, settings.cron, ZoneInfo(settings.time_zone))
    async with running(_keep_planning(planner)):
        yield


async def _keep_planning(planner: Planner) -> None:
    while True:
        try:
            return await planner.run()
        except ChassisError as error:
            log.warning("planning failed", error=str(error))
            await asyncio.sleep(RETRY_SECONDS)
