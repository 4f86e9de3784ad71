"""Gauges that are asked for show what was learned last, and nothing where the last look failed."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from aiohttp.test_utils import make_mocked_request
from prometheus_client import REGISTRY

from metarr_chassis.background import running
from metarr_chassis.errors import BusUnavailableError
from metarr_chassis.metrics import KnownGauge, metrics, poll


@pytest.fixture
def depth() -> Iterator[KnownGauge]:
    """A gauge with a label."""
    gauge = KnownGauge("test_depth", "How many wait", ["queue"])
    yield gauge
    REGISTRY.unregister(gauge)


def shown(queue: str) -> float | None:
    """What a scrape has."""
    return REGISTRY.get_sample_value("test_depth", {"queue": queue})


def test_a_figure_is_absent_until_it_is_known(depth: KnownGauge) -> None:
    """And what is not known any more is absent again."""
    assert shown("a") is None
    depth.replace({("a",): 3, ("b",): 0})
    assert (shown("a"), shown("b")) == (3, 0)
    depth.replace({("b",): 1})
    assert (shown("a"), shown("b")) == (None, 1)


def test_a_gauge_without_labels() -> None:
    """It has one figure, or none."""
    gauge = KnownGauge("test_next", "When it is next")
    try:
        gauge.set(7)
        assert REGISTRY.get_sample_value("test_next") == 7
        gauge.set(None)
        assert REGISTRY.get_sample_value("test_next") is None
    finally:
        REGISTRY.unregister(gauge)


@pytest.mark.parametrize("error", [BusUnavailableError("away"), ZeroDivisionError("a fault of ours")])
async def test_a_look_that_fails_leaves_nothing(depth: KnownGauge, error: Exception) -> None:
    """Neither the figure of before nor half of a new one; and the next look comes all the same."""
    looks = 0
    seen: asyncio.Queue[float | None] = asyncio.Queue()

    async def look() -> None:
        nonlocal looks
        seen.put_nowait(shown("a"))
        looks += 1
        depth.replace({("a",): looks})
        if looks % 2 == 0:
            raise error

    async with running(poll(look, depth, seconds=0)):
        async with asyncio.timeout(60):
            assert [await seen.get() for _ in range(5)] == [None, 1, None, 3, None]


async def test_it_ends_when_it_is_told_to(depth: KnownGauge) -> None:
    """A cancellation is no failure."""
    begun = asyncio.Event()

    async def look() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(poll(look, depth))
    await begun.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        ("", "text/plain; version=0.0.4"),
        ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text; version=1.0.0"),
        ("application/openmetrics-text;version=x", "text/plain; version=0.0.4"),
        ("application/openmetrics-text;version=" + "1" * 5_000, "text/plain; version=0.0.4"),
    ],
)
async def test_metrics_are_shown_whatever_is_accepted(accepted: str, kind: str) -> None:
    """A version that is no number asks for no format in particular."""
    answer = await metrics(make_mocked_request("GET", "/metrics", headers={"Accept": accepted}))
    assert answer.headers["Content-Type"].startswith(kind)
