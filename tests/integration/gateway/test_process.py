"""The gateway as a process of its own: starts with the bus alone, ends cleanly."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.integration.gateway.conftest import PATIENCE

from metarr_chassis.topology import setup
from metarr_local.child import Command, end, spawn
from metarr_local.embedded_nats import EmbeddedNats


class Process:
    """A gateway and what it logs."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self._log = log

    def lines(self) -> list[dict[str, Any]]:
        """The whole log lines so far."""
        whole, _, _ = self._log.read_text().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    async def line(self, event: str) -> dict[str, Any]:
        """The first log line of this event."""
        async with asyncio.timeout(PATIENCE):
            while not (found := [line for line in self.lines() if line["event"] == event]):
                assert self.process.returncode is None, self._log.read_text()
                await asyncio.sleep(0.05)
        return found[0]


@pytest.fixture
async def process(nats_url: str, tmp_path: Path) -> AsyncIterator[Process]:
    """A gateway on a free port."""
    await setup(nats_url, demo=False)
    environment = {
        **os.environ,
        "METARR_NATS_URL": nats_url,
        "METARR_HTTP_PORT": "0",
        "METARR_LOG_FORMAT": "json",
        "METARR_PICTURE_CACHE_DIR": str(tmp_path / "pictures"),
    }
    log = tmp_path / "log"
    with log.open("wb") as output:
        child = await spawn(Command((sys.executable, "-u", "-m", "metarr_gateway"), environment), output)
    yield Process(child, log)
    await end(child, signal.SIGTERM, patience=10)


async def test_it_starts_serves_and_ends(process: Process) -> None:
    """Ready without a database; each request is one line; SIGTERM closes sockets with 1001 and ends with code 0."""
    (url,) = (await process.line("listening"))["addresses"]
    await process.line("ready")
    async with aiohttp.ClientSession(base_url=url) as client:
        async with client.get("/readyz") as response:
            assert response.status == 200
        async with client.get("/api/movies", params={"search": "secret"}) as response:
            assert response.status == 500
        line = await process.line("request")
        assert {"method": "GET", "route": "/api/movies", "status": 500}.items() <= line.items()
        assert "secret" not in json.dumps(process.lines())
        async with client.ws_connect("/ws") as ws:
            await ws.send_json({"type": "ping"})
            assert await ws.receive_json() == {"type": "pong"}
            process.process.send_signal(signal.SIGTERM)
            await ws.receive(timeout=PATIENCE)
            assert ws.close_code == 1001
    assert await asyncio.wait_for(process.process.wait(), PATIENCE) == 0


async def test_it_ends_cleanly_while_the_bus_does_not_answer(nats_server: EmbeddedNats, process: Process) -> None:
    """Given a server that hangs and a request that waits for it, then SIGTERM ends it with code 0 and no trace."""
    url = (await process.line("listening"))["addresses"][0]
    await process.line("ready")
    pid = nats_server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        async with aiohttp.ClientSession(base_url=url) as client:
            # An import is waited for longest of all.
            waiting = asyncio.create_task(client.post("/api/movies/import", json=[{"title": "Heat"}]))
            async with client.get("/healthz") as response:
                assert response.status == 200
            process.process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.process.wait(), PATIENCE) == 0
            with pytest.raises(aiohttp.ClientError):
                await waiting
    finally:
        os.kill(pid, signal.SIGCONT)
    assert all(line["level"] in {"debug", "info", "warning"} for line in process.lines())


async def test_what_is_no_http_is_refused_without_noise(process: Process) -> None:
    """Anybody can send it: it is answered 400, and no error with a trace is logged for it."""
    url = (await process.line("listening"))["addresses"][0]
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n")
    assert b" 400 " in await reader.readline()
    writer.close()
    async with aiohttp.ClientSession() as client, client.get(url + "/healthz") as answer:
        assert answer.status == 200
    assert all(line["level"] in {"debug", "info", "warning"} for line in process.lines())


@pytest.mark.parametrize("file", [None, "nothing-is-there"])
async def test_it_does_not_start_open_to_others(tmp_path: Path, file: str | None) -> None:
    """Given an address that others reach, when there is no key, then it ends with code 2 and says what it needs."""
    told = {"METARR_HTTP_HOST": "0.0.0.0", **({"METARR_API_KEY_FILE": file} if file else {})}  # noqa: S104 - refused
    log = tmp_path / "log"
    with log.open("wb") as output:
        child = await spawn(Command((sys.executable, "-m", "metarr_gateway"), {**os.environ, **told}), output)
    assert await asyncio.wait_for(child.wait(), PATIENCE) == 2
    (line,) = log.read_text().splitlines()
    assert "METARR_API_KEY_FILE" in line
