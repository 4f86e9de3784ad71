"""The clock that the sandbox serves is followed."""

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp

from metarr_chassis.clock import Clock, follow_sandbox


async def test_all_follow_the_sandbox(sandbox: str) -> None:
    """From the start on, when it is moved, and back again; without a sandbox time is the system's."""
    async with aiohttp.ClientSession(base_url=sandbox) as http:
        await http.put("/control/clock", json={"offsetSeconds": 3600})
        clock, plain = Clock(), Clock()
        async with follow_sandbox(clock, sandbox), follow_sandbox(plain, None):
            assert clock.offset == timedelta(hours=1)
            waiting = asyncio.create_task(clock.sleep_until(datetime.now(UTC) + timedelta(days=8)))
            await http.put("/control/clock", json={"advanceSeconds": 9 * 86_400})
            await asyncio.wait_for(waiting, 30)
            assert clock.offset == timedelta(days=9, hours=1)
            assert plain.offset == timedelta()
