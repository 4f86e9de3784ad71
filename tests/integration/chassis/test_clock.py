"""The clock that the sandbox serves is followed."""

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

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
            await asyncio.wait_for(waiting, 120)
            assert clock.offset == timedelta(days=9, hours=1)
            assert plain.offset == timedelta()


@pytest.mark.parametrize("nonsense", ["<html>", "[]", "{}", '{"version": 2, "offsetSeconds": "x"}', '{"version": 2}'])
async def test_an_answer_that_says_nothing_is_passed_over(nonsense: str) -> None:
    """The clock is followed on when the sandbox makes sense again."""
    answers = iter(['{"version": 1, "offsetSeconds": 60}', nonsense, '{"version": 3, "offsetSeconds": 120}'])

    async def tell(_request: web.Request) -> web.Response:
        answer = next(answers, None)
        if answer is None:
            await asyncio.Event().wait()
        return web.Response(text=answer, content_type="application/json")

    app = web.Application()
    app.router.add_get("/control/clock", tell)
    async with TestServer(app) as server:
        clock = Clock()
        async with follow_sandbox(clock, str(server.make_url("/"))):
            assert clock.offset == timedelta(minutes=1)
            await asyncio.wait_for(clock.sleep_until(datetime.now(UTC) + timedelta(seconds=119)), 30)
            assert clock.offset == timedelta(minutes=2)
