"""The rate on the bus: shared by all who use the key."""

import asyncio
import time

from metarr_chassis.bus import Bus, connect
from metarr_chassis.rate import Rate, SharedRate

KEY = "test"


async def test_replicas_share_it(nats_url: str, bus: Bus) -> None:
    """Three connections that want 20 each get 60 moments an interval apart."""
    rate = Rate(500)
    async with connect(nats_url, "b") as second, connect(nats_url, "c") as third:
        shares = [SharedRate(one, KEY, rate) for one in (bus, second, third)]
        started = time.time()
        await asyncio.gather(*(share.acquire() for share in shares for _ in range(20)))
    stored = await bus.last_message("KV_METARR_RATES", f"$KV.METARR_RATES.{KEY}")
    assert stored is not None
    assert float(stored.data) >= started + 60 * rate.interval - 0.001


async def test_one_that_is_free_is_given_at_once(bus: Bus) -> None:
    """The burst first, then the seconds until the next one, and none is taken."""
    share = SharedRate(bus, KEY, Rate(1 / 3600, 2))
    assert [await share.try_acquire() for _ in range(2)] == [0.0, 0.0]
    for _ in range(2):
        assert 3500 < await share.try_acquire() <= 3600


async def test_looking_takes_none(bus: Bus) -> None:
    """Whoever takes one only after it was of use looks first."""
    share = SharedRate(bus, KEY, Rate(1 / 3600))
    assert [await share.wait() for _ in range(2)] == [0.0, 0.0]
    assert await share.try_acquire() == 0.0
    assert 3500 < await share.wait() <= 3600


async def test_what_was_booked_for_somebody_who_left_is_not_used_later(bus: Bus) -> None:
    """It would come on top of the rate."""
    share = SharedRate(bus, KEY, Rate(1000))
    share._booked.extend([time.time() - 10] * 5)
    await share.acquire()
    assert not share._booked
    assert await bus.last_message("KV_METARR_RATES", f"$KV.METARR_RATES.{KEY}")
