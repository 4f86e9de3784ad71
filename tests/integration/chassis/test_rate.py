"""The rate on the bus: shared by all who use the key."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import nats.errors
import pytest

from metarr_chassis import rate
from metarr_chassis.bus import Bus, RawMessage, connect
from metarr_chassis.errors import BusUnavailableError
from metarr_chassis.rate import Rate, SharedRate, read_booked

KEY = "test"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOON.date()


async def test_replicas_share_it(nats_url: str, bus: Bus) -> None:
    """Three connections that want 20 each get 60 moments an interval apart."""
    shared = Rate(500)
    async with connect(nats_url, "b") as second, connect(nats_url, "c") as third:
        shares = [SharedRate(one, KEY, shared) for one in (bus, second, third)]
        started = time.time()
        await asyncio.gather(*(share.acquire() for share in shares for _ in range(20)))
    stored = await bus.last_message("KV_METARR_RATES", f"$KV.METARR_RATES.{KEY}")
    assert stored is not None
    assert read_booked(stored.data).next_free >= started + 60 * shared.interval - 0.001


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
    share._moments.extend([time.time() - 10] * 5)
    await share.acquire()
    assert not share.unused
    assert await bus.last_message("KV_METARR_RATES", f"$KV.METARR_RATES.{KEY}")


async def test_who_is_not_patient_goes_first(bus: Bus) -> None:
    """Ten patient ones wait already: the next free moment is for the other one that comes."""
    # So slow that each moment is booked by itself: those of one booking may come together where it takes a while.
    share = SharedRate(bus, KEY, Rate(7))
    order: list[str] = []

    async def take(name: str, *, patient: bool) -> None:
        await share.acquire(patient=patient)
        order.append(name)

    async with asyncio.TaskGroup() as tasks:
        for n in range(10):
            tasks.create_task(take(f"patient {n}", patient=True))
        while len(order) < 3:
            await asyncio.sleep(0)
        for n in range(2):
            tasks.create_task(take(f"other {n}", patient=False))
    patient = [f"patient {n}" for n in range(10)]
    assert order == [*patient[:3], "other 0", "other 1", *patient[3:]]


async def test_whoever_gives_up_holds_nobody_back(bus: Bus) -> None:
    """Their moment goes to the next one; when all have given up nothing goes on."""
    share = SharedRate(bus, KEY, Rate(20))
    first = asyncio.create_task(share.acquire())
    await first
    given_up = [asyncio.create_task(share.acquire()) for _ in range(3)]
    last = asyncio.create_task(share.acquire(patient=True))
    while not share.unused:
        await asyncio.sleep(0)
    serving = share._serving
    for task in given_up:
        task.cancel()
    await last
    assert serving is not None
    assert serving.done()
    far = SharedRate(bus, "far", Rate(1 / 3600))
    await far.acquire()
    waiting = asyncio.create_task(far.acquire())
    while not far.unused:
        await asyncio.sleep(0)
    serving = far._serving
    waiting.cancel()
    await asyncio.wait([waiting])
    assert serving is not None
    await asyncio.wait([serving], timeout=60)
    assert serving.done()


async def test_one_comes_just_when_the_last_one_has_given_up(bus: Bus) -> None:
    """It is served all the same."""
    share = SharedRate(bus, KEY, Rate(20))
    await share.acquire()
    waiting = asyncio.create_task(share.acquire())
    while not share.unused:
        await asyncio.sleep(0)
    waiting.cancel()
    waiting.add_done_callback(lambda _: late.append(asyncio.create_task(share.acquire())))
    late: list[asyncio.Task[None]] = []
    await asyncio.wait([waiting])
    async with asyncio.timeout(60):
        await late[0]


async def test_an_outage_is_told_to_all_who_wait(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """And who asks after it is served."""

    async def lost(*_: object, **__: object) -> None:
        raise nats.errors.TimeoutError

    share = SharedRate(bus, KEY, Rate(1000))
    with monkeypatch.context() as broken:
        broken.setattr(bus.js, "publish", lost)
        told = await asyncio.gather(*(share.acquire(patient=n > 0) for n in range(3)), return_exceptions=True)
    assert [type(one) for one in told] == [BusUnavailableError] * 3
    await share.acquire()


async def test_who_books_alone_asks_nobody(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written last is what is stored; that another one wrote since is found out by writing."""
    one, other = (SharedRate(bus, KEY, Rate(1000), lambda: NOON) for _ in range(2))
    await other.acquire()
    reads, last_message = list[str](), bus.last_message

    async def counted(stream: str, subject: str) -> RawMessage | None:
        reads.append(subject)
        return await last_message(stream, subject)

    monkeypatch.setattr(bus, "last_message", counted)
    for _ in range(3):
        await one.acquire()
    assert len(reads) == 1, "for the first time, as it knew nothing"
    await other.acquire()
    await one.acquire()
    assert len(reads) == 3, "each lost once to the other"
    assert one.known_on(TODAY) == 6


async def test_a_look_that_is_answered_late_takes_nothing_back(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given one that saw what was there before a booking of ours, then that is still known, and another follows it."""
    share, last_message = SharedRate(bus, KEY, Rate(1000), lambda: NOON), bus.last_message
    await share.acquire()
    seen, may = asyncio.Event(), asyncio.Event()

    async def late(stream: str, subject: str) -> RawMessage | None:
        stored = await last_message(stream, subject)
        seen.set()
        await may.wait()
        return stored

    monkeypatch.setattr(bus, "last_message", late)
    looking = asyncio.create_task(share.read_on(TODAY))
    await seen.wait()
    await share.acquire()
    may.set()
    assert (await looking, share.known_on(TODAY)) == (2, 2)
    await share.acquire()
    assert share.known_on(TODAY) == 3


async def test_what_is_booked_is_counted_by_day(nats_url: str, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """By all replicas together; a new day begins at 0, and who counts nothing keeps no day."""
    # What was booked for those who wait would come too late for them where a booking takes long.
    monkeypatch.setattr(rate, "MAX_BATCH_SECONDS", 60.0)
    now = [NOON]
    async with connect(nats_url, "b") as other:
        shares = [SharedRate(one, KEY, Rate(1000), lambda: now[0]) for one in (bus, other)]
        await asyncio.gather(*(share.acquire() for share in shares for _ in range(5)))
        assert [await share.read_on(TODAY) for share in shares] == [10, 10]
        assert [share.known_on(TODAY) for share in shares] == [10, 10]
        now[0] = NOON + timedelta(days=1)
        await shares[0].acquire()
        assert (await shares[1].read_on(now[0].date()), await shares[1].read_on(TODAY)) == (1, 0)
    await SharedRate(bus, "other", Rate(1000)).acquire()
    stored = await bus.last_message("KV_METARR_RATES", "$KV.METARR_RATES.other")
    assert stored is not None
    assert (read_booked(stored.data).day, read_booked(stored.data).requests) == (None, 0)


async def test_what_was_booked_and_came_too_late_is_not_counted(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a booking takes longer than what it has booked, each of three who wait is counted once all the same."""
    publish = bus.js.publish

    async def slow(*arguments: Any, **options: Any) -> Any:
        answer = await publish(*arguments, **options)
        await asyncio.sleep(0.02)
        return answer

    monkeypatch.setattr(bus.js, "publish", slow)
    monkeypatch.setattr(rate, "MAX_BATCH_SECONDS", 0.01)
    share = SharedRate(bus, KEY, Rate(1000), lambda: NOON)
    await asyncio.gather(*(share.acquire() for _ in range(3)))
    assert await share.read_on(TODAY) - share.unused == 3


@pytest.mark.parametrize("first", [0, 1])
async def test_clocks_that_differ_at_midnight_count_together(bus: Bus, first: int) -> None:
    """For one of two it is still yesterday: whoever comes first, no request of the new day is forgotten."""
    midnight = NOON + timedelta(hours=12)
    clocks = [midnight + timedelta(seconds=1), midnight - timedelta(seconds=1)]
    shares = [SharedRate(bus, KEY, Rate(1000), lambda now=now: now) for now in clocks]  # type: ignore[misc]
    for n in range(4):
        await shares[(first + n) % 2].acquire()
    assert await shares[0].read_on(midnight.date()) == 4 - first


@pytest.mark.parametrize("back", [timedelta(days=1), timedelta(hours=13), timedelta(days=400)])
async def test_a_clock_that_was_set_back_counts_anew(bus: Bus, back: timedelta) -> None:
    """What was counted for a day that has not come says nothing."""
    now = [NOON]
    share = SharedRate(bus, KEY, Rate(1000), lambda: now[0])
    await share.acquire()
    now[0] -= back
    await share.acquire()
    assert (await share.read_on(now[0].date()), await share.read_on(TODAY)) == (1, 0)


async def test_a_value_from_before_requests_were_counted(bus: Bus) -> None:
    """It was the next free moment alone; it is kept, and counting begins."""
    share = SharedRate(bus, KEY, Rate(100), lambda: NOON)
    await bus.js.publish(f"$KV.METARR_RATES.{KEY}", repr(time.time() + 3600).encode())
    assert 3500 < await share.wait() <= 3600
    before = time.time() + 0.2
    await bus.js.publish(f"$KV.METARR_RATES.{KEY}", repr(before).encode())
    await share.acquire()
    assert time.time() >= before
    assert await share.read_on(TODAY) == 1
