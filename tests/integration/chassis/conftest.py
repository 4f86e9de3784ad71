"""A bus that is set up."""

import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import nats.errors
import nats.js.errors
import pytest

from metarr_chassis.bus import Bus, connect
from metarr_chassis.event_store import NewEvent
from metarr_chassis.topology import setup
from metarr_contracts.events import CancelRequested


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    """A connection to it."""
    await setup(nats_url, demo=True)
    async with connect(nats_url, "test") as opened:
        yield opened


def fact(name: str, job_id: int = 1) -> NewEvent:
    """A fact of no meaning."""
    return NewEvent(id=name, body=CancelRequested(job_id=job_id), time=datetime.now(UTC))


@pytest.fixture
def lose_acknowledgements(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the bus store the next messages and lose their acknowledgements."""
    publish = bus.js.publish

    def lose(count: int) -> None:
        left = [None] * count

        async def stored_and_lost(*args: Any, **options: Any) -> Any:
            if not left:
                return await publish(*args, **options)
            left.pop()
            with contextlib.suppress(nats.js.errors.APIError):
                await publish(*args, **options)
            raise nats.errors.TimeoutError

        monkeypatch.setattr(bus.js, "publish", stored_and_lost)

    return lose
