"""How far the rows are behind, as the metrics show it: from the stream alone, so that it shows without the database."""

from datetime import timedelta

from prometheus_client import REGISTRY
from tests.integration.projector.scenes import Stream

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_projector.errors import DatabaseAwayError
from metarr_projector.position import Position
from metarr_projector.watch import Lag


def shown() -> tuple[float | None, float | None, float | None]:
    """Position, missing events, age of the oldest."""
    names = ("position", "lag_events", "lag_seconds")
    position, events, seconds = (REGISTRY.get_sample_value(f"metarr_projection_{name}") for name in names)
    return position, events, seconds


async def _away() -> int:
    raise DatabaseAwayError


async def test_the_lag_is_that_of_the_oldest_missing_event(bus: Bus, stream: Stream) -> None:
    """It grows with time while the rows stand still, shrinks as they follow, and is 0 when nothing is missing."""
    position, clock = Position(_away), Clock()
    lag = Lag(bus, position, clock)
    await stream.tell_history(10)
    position.advance(10)
    await lag.look()
    assert shown() == (10, 0, 0)
    await stream.tell_history(5)
    await lag.look()
    _, events, early = shown()
    assert events == 5
    assert early is not None
    assert 0 <= early < 60
    await lag.look()
    late = shown()[2]
    assert late is not None
    assert late > early
    position.advance(15)
    await lag.look()
    assert shown() == (15, 0, 0)


async def test_a_clock_that_was_set_on_makes_no_event_old(bus: Bus, stream: Stream) -> None:
    """Moments of the server are told on the product's clock."""
    position, clock = Position(_away), Clock()
    clock.shift(timedelta(days=30))
    position.advance(0)
    await stream.tell_history(1)
    await Lag(bus, position, clock).look()
    age = shown()[2]
    assert age is not None
    assert age < 60


async def test_who_waits_for_its_turn_shows_none(bus: Bus, stream: Stream) -> None:
    """Neither before it projected, nor when another one projects after it."""
    position = Position(_away)
    lag = Lag(bus, position, Clock())
    await stream.tell_history(3)
    await lag.look()
    assert shown() == (None, None, None)
    position.reset()
    await lag.look()
    assert shown()[:2] == (0, 3)
    position.lose()
    await lag.look()
    assert shown() == (None, None, None)
