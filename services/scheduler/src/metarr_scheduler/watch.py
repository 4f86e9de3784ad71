"""Looks at the bus every few seconds, for the metrics of the whole system."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from metarr_chassis.bus import Bus
from metarr_chassis.event_store import EventStore
from metarr_chassis.metrics import poll
from metarr_contracts.events import ScheduleCaughtUp, ScheduleFired, SchedulePlanned
from metarr_contracts.streams import ALL_STREAMS, COMMANDS, CONSUMERS
from metarr_contracts.subjects import SCHEDULE_EVENTS
from metarr_scheduler.metrics import (
    LAST_FIRED,
    NEXT_RUN,
    QUEUE_DEPTH,
    QUEUE_IN_PROGRESS,
    QUEUE_PAUSED,
    STREAM_BYTES,
    STREAM_LAST_SEQUENCE,
    STREAM_MESSAGES,
)

QUEUES: Final = tuple(consumer.durable for consumer in CONSUMERS)


async def watch(bus: Bus, store: EventStore) -> None:
    """Look until cancelled. Each of the three looks fails for itself."""
    schedule = ScheduleSeen(store)
    await asyncio.gather(
        poll(lambda: look_at_queues(bus), QUEUE_DEPTH, QUEUE_IN_PROGRESS, QUEUE_PAUSED),
        poll(lambda: look_at_streams(bus), STREAM_MESSAGES, STREAM_BYTES, STREAM_LAST_SEQUENCE),
        poll(schedule.look, NEXT_RUN, LAST_FIRED),
    )


async def look_at_queues(bus: Bus) -> None:
    """How many commands wait, how many were handed out, and whether somebody holds the queue back."""
    queues = _named(await bus.api(f"CONSUMER.LIST.{COMMANDS}"), "consumers", QUEUES)
    QUEUE_DEPTH.replace({(name,): queue["num_pending"] for name, queue in queues.items()})
    QUEUE_IN_PROGRESS.replace({(name,): queue["num_ack_pending"] for name, queue in queues.items()})
    QUEUE_PAUSED.replace({(name,): queue.get("paused", False) for name, queue in queues.items()})


async def look_at_streams(bus: Bus) -> None:
    """What streams and buckets hold."""
    streams = _named(await bus.api("STREAM.LIST"), "streams", ALL_STREAMS)
    states = {name: stream["state"] for name, stream in streams.items()}
    STREAM_MESSAGES.replace({(name,): state["messages"] for name, state in states.items()})
    STREAM_BYTES.replace({(name,): state["bytes"] for name, state in states.items()})
    STREAM_LAST_SEQUENCE.replace({(name,): state["last_seq"] for name, state in states.items()})


def _named(answer: Mapping[str, Any], kind: str, names: Iterable[str]) -> dict[str, Any]:
    """Those of ours; a stream without a leader is not in the answer, and others have nothing to do with us."""
    found = {one["name"] if "name" in one else one["config"]["name"]: one for one in answer[kind] or ()}
    return {name: found[name] for name in names if name in found}


class ScheduleSeen:
    """The schedule's story, read once and then followed."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._seq = 0
        self._next: float | None = None
        self._fired: float | None = None

    async def look(self) -> None:
        """When the next run is planned for, and when the last one was started."""
        async for recorded in self._store.read(SCHEDULE_EVENTS, self._seq):
            self._seq = recorded.seq
            if isinstance(said := recorded.body, SchedulePlanned):
                self._next = said.scheduled_for.timestamp() if said.scheduled_for else None
                if isinstance(said, ScheduleFired | ScheduleCaughtUp):
                    self._fired = said.at.timestamp()
        NEXT_RUN.set(self._next)
        LAST_FIRED.set(self._fired)
