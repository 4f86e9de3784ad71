"""How the scheduler is wired, once, at start."""

import contextlib
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

from metarr_chassis.background import running
from metarr_chassis.event_store import EventStore
from metarr_chassis.micro import serve
from metarr_chassis.service import Context
from metarr_scheduler.planner import Planner
from metarr_scheduler.run_queue import RunQueue
from metarr_scheduler.schedule import Schedule
from metarr_scheduler.settings import SchedulerSettings
from metarr_scheduler.watch import watch


@contextlib.asynccontextmanager
async def start(context: Context[SchedulerSettings]) -> AsyncIterator[None]:
    """The scheduler works while this is open."""
    settings = context.settings
    schedule = Schedule(settings.cron, ZoneInfo(settings.time_zone), settings.schedule_grace)
    store, queue = EventStore(context.bus, "scheduler"), RunQueue(context.bus, context.clock)
    planner = Planner(store, queue, context.clock, schedule)
    # It answers nothing but whether it is there.
    async with (
        serve(context.bus, "scheduler", "Plans the runs over the whole library", ()),
        running(planner.run()),
        running(watch(context.bus, store)),
    ):
        yield
