"""Keeps the schedule: says when the next run is due and starts it then. Any number of replicas do it once."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime

import structlog

from metarr_chassis.clock import Clock
from metarr_chassis.errors import ChassisError, ConflictError, SubjectTakenError
from metarr_chassis.event_store import EventStore, NewEvent
from metarr_contracts.base import Value
from metarr_contracts.events import (
    ScheduleCaughtUp,
    ScheduleFired,
    ScheduleMissed,
    SchedulePlanned,
    ScheduleSkipped,
)
from metarr_contracts.subjects import SCHEDULE_EVENTS
from metarr_scheduler.run_queue import RunQueue
from metarr_scheduler.schedule import Night, Schedule, Started, Wait, decide, in_force, record, settle

log = structlog.get_logger()

RETRY_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 5.0
"""A clock that was set back is noticed after this at the latest."""

WORDS: Mapping[type[Value], str] = {
    SchedulePlanned: "planned",
    ScheduleFired: "fired",
    ScheduleCaughtUp: "caught up",
    ScheduleSkipped: "skipped, a run is still going",
    ScheduleMissed: "missed",
}


class Planner:
    """One replica's part in keeping the schedule."""

    def __init__(self, store: EventStore, queue: RunQueue, clock: Clock, schedule: Schedule) -> None:
        self._store = store
        self._queue = queue
        self._clock = clock
        self._schedule = schedule
        self._starting = True  # Until a plan stands that was made, or agreed with, under these settings.

    async def run(self) -> None:
        """Do what is due, wait, and so on; ends if it is to be off here. A bus that is away is waited for."""
        said = ""
        while True:
            try:
                plan = await self.do_what_is_due()
            except ChassisError as error:
                if str(error) != said:
                    said = str(error)
                    log.warning("the schedule waits for the bus", error=said)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            said = ""
            if plan.scheduled_for is None and self._schedule.cron is None:
                return
            await self._wait(plan)

    async def do_what_is_due(self) -> SchedulePlanned:
        """Do all that is to be done by now; returns the plan that stands then.

        Raises:
            metarr_chassis.errors.BusUnavailableError: not all of it could be done; it is safe to repeat.
        """
        while True:
            stored = await self._store.last(SCHEDULE_EVENTS)
            last = stored.body if stored and isinstance(stored.body, SchedulePlanned) else None
            now = self._clock.now()
            schedule = in_force(last, self._schedule, starting=self._starting)
            decided = decide(last, schedule, now, starting=self._starting)
            if isinstance(decided, Wait):
                self._starting = False
                return decided.plan
            news = await self._settle(decided, schedule, now) if isinstance(decided, Night) else decided
            with contextlib.suppress(ConflictError):  # Somebody else was faster: what they said is read now.
                await self._say(news, stored.seq if stored else 0)

    async def _settle(self, night: Night, schedule: Schedule, now: datetime) -> Started | ScheduleMissed:
        while (news := settle(schedule, night.due, await self._queue.queued(), now)) is None:
            with contextlib.suppress(SubjectTakenError):  # Taken since we looked: by whom is looked at.
                queued = await self._queue.put(night.run_id, night.due, now)
                return record(schedule, night.due, queued, now)
        return news

    async def _say(self, news: SchedulePlanned, version: int) -> None:
        event = NewEvent(id=f"{SCHEDULE_EVENTS}/{version}/{news.scheduled_for}", body=news, time=news.at)
        said = (await self._store.append(SCHEDULE_EVENTS, event, version)).body
        if isinstance(said, SchedulePlanned):
            is_off = type(said) is SchedulePlanned and said.scheduled_for is None
            words = "the schedule is off" if is_off else WORDS[type(said)]
            log.info(words, **said.model_dump(include={"job_id"}), **self._moments(said))

    def _moments(self, said: SchedulePlanned) -> dict[str, str]:
        named = {"due": said.due, "next_run": said.scheduled_for}
        told = {name: moment for name, moment in named.items() if moment is not None}
        local = {f"{name}_local": moment.astimezone(self._schedule.zone).isoformat() for name, moment in told.items()}
        return {**{name: moment.isoformat() for name, moment in told.items()}, **local}

    async def _wait(self, plan: SchedulePlanned) -> None:
        """Until the moment has come, or the clock was set so that the plan does not stand any more.

        Where another has switched the schedule off it is looked at again after a while: it may be on again.
        """
        if plan.scheduled_for is None:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            return
        while self._stands(plan):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                    await self._clock.sleep_until(plan.scheduled_for)

    def _stands(self, plan: SchedulePlanned) -> bool:
        schedule = in_force(plan, self._schedule, starting=False)
        return isinstance(decide(plan, schedule, self._clock.now(), starting=False), Wait)
