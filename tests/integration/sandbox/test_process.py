"""The sandbox as a process of its own."""

import asyncio
import json
import signal
import sys

import pytest
from aiohttp import ClientSession


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_tells_its_address_and_ends_cleanly(number: signal.Signals) -> None:
    """One JSON line once it listens; a signal ends it with 0, also while somebody waits for the clock."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "metarr_sandbox",
        "--port",
        "0",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    url = json.loads(await asyncio.wait_for(process.stdout.readline(), 120))["url"]
    async with ClientSession() as http:
        poll = asyncio.create_task(http.get(f"{url}/control/clock?after=1"))
        async with http.get(f"{url}/control") as response:
            assert response.status == 200
        process.send_signal(number)
        output, errors = await asyncio.wait_for(process.communicate(), 120)
        await asyncio.wait([poll])
        if poll.exception() is None:
            poll.result().close()
    assert (process.returncode, output, errors) == (0, b"", b"")
