"""Keeps the plan on the bus up to date; any number of replicas write it once."""

from zoneinfo import ZoneInfo

import structlog

from metarr_chassis.clock import Clock
from metarr_chassis.errors import ConflictError
from metarr_chassis.event_store import EventStore, NewEvent
from metarr_contracts import subjects
from metarr_contracts.events import SchedulePlanned
from metarr_contracts.subjects import SCHEDULE_EVENTS
from metarr_scheduler.schedule import plan

log = structlog.get_logger()


class Planner:
    """Says when the next nightly run is due."""

    def __init__(self, store: EventStore, clock: Clock, cron: str | None, zone: ZoneInfo) -> None:
        self._store = store
        self._clock = clock
        self._cron = cron
        self._zone = zone

    async def plan(self) -> SchedulePlanned | None:
        """Bring the plan up to date; returns it."""
        while True:
            last = await self._store.last(subjects.SCHEDULE_EVENTS)
            planned = last.body if last and isinstance(last.body, SchedulePlanned) else None
            news = plan(planned, self._cron, self._zone, self._clock.now())
            if news is None:
                return planned
            version = last.seq if last else 0
            event = NewEvent(id=f"{SCHEDULE_EVENTS}/{version}/{news.scheduled_for}", body=news, time=news.at)
            try:
                await self._store.append(SCHEDULE_EVENTS, event, version)
            except ConflictError:
                continue
            log.info("planned", next_run=str(news.scheduled_for), time_zone=news.time_zone)
            return news

    async def run(self) -> None:
        """Plan, wait until the planned moment has come, plan again."""
        while True:
            planned = await self.plan()
            if planned is None or planned.scheduled_for is None:
                return
            await self._clock.sleep_until(planned.scheduled_for)
