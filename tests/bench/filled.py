"""A library of many films, put into METARR_EVENTS as events without asking any provider.

A server that syncs each write takes some 6,000 events a second of whoever fills it; 100,000 films are 195,000 events.
"""

import asyncio
import json
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from tests.bench.films import FIRST_JOB, history
from tests.e2e.system import System
from tests.unit.metarr_projector.histories import START

from metarr_chassis.bus import Bus, connect
from metarr_chassis.errors import RefusedError
from metarr_contracts import registry, subjects
from metarr_contracts.base import Value
from metarr_contracts.envelope import Envelope
from metarr_contracts.readmodels import LibraryStats, Query
from metarr_contracts.streams import COMMANDS, EVENTS

WINDOW = 2_000
"""Events on their way; the server's own queue for a stream is bounded."""
BEHIND = 503
PATIENCE_SECONDS = 900


async def tell(bus: Bus, events: Iterable[tuple[str, Value]]) -> int:
    """Append events in their order, without waiting for each; the sequence of the last one.

    Their ids follow from their place in the stream, so nothing else may append meanwhile.
    """
    began = seq = (await bus.stream_state(EVENTS)).last_seq
    for subject, event in events:
        seq += 1
        await bus.nc.publish(subject, event.to_json(), headers=_envelope(seq, event).headers())
        if (seq - began) % WINDOW == 0:
            await _stored(bus, seq - WINDOW)
    await _stored(bus, seq)
    return seq


async def projected(bus: Bus, seq: int) -> LibraryStats:
    """Wait until the projector's answers show this event; what it then says of the library."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                answer = await bus.request(subjects.query("library.stats"), Query(after=seq).to_json())
            except RefusedError as refusal:
                if refusal.status != BEHIND:
                    raise
            else:
                return LibraryStats.model_validate_json(answer)


async def fill(system: System, films: int, first: int = 1, *, pictures: bool = True) -> None:
    """Give a system, whose projector runs, these films more, and wait until its answers show them.

    The ids of their jobs are behind those that the queue gives from now on, as they would be had it given them.
    """
    async with connect(system.nats.url, "bench") as bus:
        await bus.api(f"STREAM.PURGE.{COMMANDS}", json.dumps({"seq": FIRST_JOB + first + films}).encode())
        stats = await projected(bus, await tell(bus, history(films, first=first, pictures=pictures)))
    assert stats.total == first - 1 + films, stats


def _envelope(seq: int, event: Value) -> Envelope:
    return Envelope(
        id=str(UUID(int=seq)),
        type=registry.type_of(event),
        source="/metarr/bench",
        time=START + timedelta(milliseconds=seq),
    )


async def _stored(bus: Bus, seq: int) -> None:
    while (await bus.stream_state(EVENTS)).last_seq < seq:
        await asyncio.sleep(0.002)
