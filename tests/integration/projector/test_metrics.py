"""What a projector counts while it works."""

import asyncio

from prometheus_client import REGISTRY
from tests.integration.projector.scenes import PATIENCE_SECONDS, Running, Stream, rebuild

from metarr_chassis.bus import Bus


def count(name: str, **labels: str) -> float:
    """The figure now."""
    return REGISTRY.get_sample_value(name, labels) or 0


async def projected(events: float) -> None:
    """Wait until so many are counted, which is after they can be seen in the rows."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while count("metarr_projected_events_total") < events:
            await asyncio.sleep(0.02)


async def test_events_batches_and_dead_letters(projecting: Running, stream: Stream) -> None:
    """Every event counts once, one that cannot be read as a dead letter too."""
    del projecting
    names = ("metarr_projected_events_total", "metarr_projection_batch_duration_seconds_count")
    before = [count(name) for name in names]
    dead = count("metarr_dead_letters_total", origin="events")
    await stream.tell_history(20)
    await stream.raw("metarr.evt.movie.1", b"no event", {"ce-type": "metarr.unknown.v1"})
    await projected(before[0] + 21)
    assert count(names[0]) - before[0] == 21
    assert 1 <= count(names[1]) - before[1] <= 21
    assert count("metarr_dead_letters_total", origin="events") - dead == 1
    assert count("metarr_projection_active") == 1


async def test_a_rebuild_counts_no_event_twice(projecting: Running, stream: Stream, bus: Bus) -> None:
    """What it folds again was counted before."""
    del projecting
    before = count("metarr_projected_events_total") + 20
    await stream.tell_history(20)
    await projected(before)
    await rebuild(bus)
    assert count("metarr_projected_events_total") == before
    assert count("metarr_rebuild_in_progress") == 0
