"""The test clock: moving it, following it."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any


async def test_the_clock_is_set_and_advanced(sandbox: Any) -> None:
    """Every change gives a new version."""
    _, first, _ = await sandbox.get("/control/clock")
    assert first == {"version": 1, "offsetSeconds": 0}
    assert await sandbox.clock(offsetSeconds=100) == {"version": 2, "offsetSeconds": 100}
    assert await sandbox.clock(advanceSeconds=-30.5) == {"version": 3, "offsetSeconds": 69.5}


async def test_a_poll_is_answered_by_a_change(sandbox: Any) -> None:
    """Two who wait both see the new version."""
    polls = [asyncio.create_task(sandbox.get("/control/clock", after="1")) for _ in range(2)]
    await sandbox.get("/control")
    assert not any(poll.done() for poll in polls)
    await sandbox.clock(offsetSeconds=3600)
    assert [(await poll)[1] for poll in polls] == [{"version": 2, "offsetSeconds": 3600}] * 2


async def test_who_follows_the_clock_is_counted(sandbox: Any) -> None:
    """So that a test that moved it knows when everybody has followed."""

    async def followers(count: int) -> None:
        async with asyncio.timeout(120):
            while (await sandbox.get("/control"))[1]["clock"]["followers"] != count:
                await asyncio.sleep(0.01)

    polls = [asyncio.create_task(sandbox.get("/control/clock", after="1")) for _ in range(2)]
    await followers(2)
    await sandbox.clock(advanceSeconds=1)
    await asyncio.gather(*polls)
    assert (await sandbox.get("/control"))[1]["clock"]["followers"] == 0
    last = asyncio.create_task(sandbox.get("/control/clock", after="2"))
    await followers(1)
    await sandbox.clock(advanceSeconds=1)
    assert (await last)[1]["version"] == 3


async def test_a_poll_for_an_old_version_is_answered_at_once(sandbox: Any) -> None:
    """Who missed a change learns of it, also of a reset."""
    await sandbox.clock(offsetSeconds=5)
    assert (await sandbox.get("/control/clock", after="1"))[1]["version"] == 2
    async with sandbox.http.post(f"{sandbox.url}/control/reset") as response:
        assert response.status == 200
    assert (await sandbox.get("/control/clock", after="2"))[1] == {"version": 3, "offsetSeconds": 0}


async def test_answers_carry_the_test_clocks_time(sandbox: Any) -> None:
    """OMDb's last-modified is now, in sandbox time."""
    await sandbox.clock(offsetSeconds=40 * 86_400)
    _, _, headers = await sandbox.get("/omdb/", i="tt0133093")
    ahead = parsedate_to_datetime(headers["last-modified"]) - datetime.now(UTC)
    assert timedelta(days=39) < ahead < timedelta(days=41)


async def test_a_poll_wants_a_number(sandbox: Any) -> None:
    """Anything else is a 400 that names the parameter."""
    assert (await sandbox.get("/control/clock", after="soon"))[:2] == (
        400,
        {"error": "after: must be a whole number", "field": "after"},
    )
