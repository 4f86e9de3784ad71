"""`metarr run` where other machines reach it: a key is made at the first start and asked for from then on."""

import asyncio
import os
import re
import signal
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from metarr_local.child import Command, end, spawn
from metarr_local.ports import free_port
from metarr_local.waiting import comes_true

SECONDS = 120


class Run:
    """A demo that listens on all addresses."""

    def __init__(self, folder: Path) -> None:
        ports = {f"METARR_{name}_PORT": str(free_port()) for name in ("HTTP", "NATS", "POSTGRES", "SANDBOX")}
        self.folder = folder
        self.url = f"http://127.0.0.1:{ports['METARR_HTTP_PORT']}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("METARR_")},
            **ports,
            "METARR_HTTP_HOST": "0.0.0.0",  # noqa: S104 - that is what is tested
            "METARR_DATA_DIR": str(folder / "data"),
        }

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "run.log").read_text()

    async def command(self, *arguments: str, **variables: str) -> tuple[int | None, str]:
        """Exit code and output of another command with the same environment."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "metarr_local.cli", *arguments),
            env=self.environment | variables,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate()
        return process.returncode, output.decode()

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON of an answer to a client that keeps nothing."""
        async with aiohttp.ClientSession() as client, client.request(method, self.url + path, **options) as answer:
            return answer.status, await answer.json()


@pytest.fixture(scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Run]:
    """It has said that it is ready."""
    folder = tmp_path_factory.mktemp("run")
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)
    run = Run(folder)
    (folder / "films.csv").write_text("title,year\nHeat,1995\n")
    with (folder / "run.log").open("wb") as output:
        process = await spawn(Command((sys.executable, "-m", "metarr_local.cli", "run"), run.environment), output)

    async def said() -> bool:
        return "Metarr is ready" in run.log or process.returncode is not None

    try:
        assert await comes_true(said, SECONDS)
        assert process.returncode is None, run.log
        yield run
    finally:
        await end(process, signal.SIGINT, patience=30)


async def key_of(run: Run) -> str:
    """What `metarr api-key` prints."""
    code, key = await run.command("api-key")
    assert code == 0, key
    return key.strip()


async def test_the_key_is_a_file_of_its_owner_alone(run: Run) -> None:
    """Made at the first start; the path is shown where all else is, and the key nowhere."""
    file = run.folder / "data" / "secrets" / "api-key"
    assert f"  Key:  {file}" in run.log
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert file.read_text().strip() == await key_of(run)
    assert await key_of(run) not in run.log


async def test_the_demo_library_came_in_and_more_can_be_imported(run: Run) -> None:
    """Both ask with the key of this machine; without it nothing comes in, and it is said why."""
    assert re.search(r"Demo library: [1-9]\d* films", run.log), run.log
    code, said = await run.command("import", str(run.folder / "films.csv"))
    assert (code, bool(re.search("1 added|1 already there", said))) == (0, True), said
    elsewhere = {"METARR_DATA_DIR": str(run.folder / "other")}
    code, said = await run.command("import", str(run.folder / "films.csv"), **elsewhere)
    assert code == 1
    assert "Metarr asks for its key. METARR_API_KEY_FILE names the file that holds it." in said


async def test_without_the_key_there_is_nothing(run: Run) -> None:
    """Whatever name a page of another site has lead here, and whichever way it asks."""
    evil = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert (await run.ask("GET", "/api/movies"))[0] == 401
    assert (await run.ask("GET", "/api/movies", headers=evil))[0] == 401
    assert (await run.ask("GET", "/metrics"))[0] == 401
    async with aiohttp.ClientSession() as client:
        for headers in ({}, evil):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.ws_connect(f"{run.url}/ws", headers=headers)
            assert refused.value.status == 401


async def test_figures_are_open_where_only_this_machine_reaches_them(run: Run) -> None:
    """Prometheus has no key; the ready block says where they are."""
    found = re.search(r"    gateway +(http://127\.0\.0\.1:\d+)", run.log)
    assert found
    async with aiohttp.ClientSession() as client, client.get(f"{found[1]}/metrics") as answer:
        assert 'metarr_build_info{service="api-gateway"' in await answer.text()


async def test_another_key_is_followed(run: Run) -> None:
    """Given somebody who is signed in and listens, when the key is replaced, then both end, and the new key opens."""
    old = await key_of(run)
    async with aiohttp.ClientSession(run.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.post("/api/session", json={"apiKey": old}) as answer:
            assert answer.status == 200
        async with browser.get("/api/movies") as answer:
            assert answer.status == 200
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            async with browser.post("/api/enrichment/bulk-run", headers=headers) as answer:
                assert answer.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await browser.ws_connect("/ws", headers={"Origin": "http://evil.example"})
        assert refused.value.status == 403
        async with browser.ws_connect("/ws", headers={"Origin": run.url}) as socket:
            code, new = await run.command("api-key", "--rotate")
            assert (code, new.strip() == old) == (0, False)
            async with asyncio.timeout(SECONDS):
                while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                    pass
            # As it came: the client forgets it where the connection is gone before it has answered.
            assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1008)
        async with browser.get("/api/movies") as answer:
            assert answer.status == 401
    assert (await run.ask("GET", "/api/movies", headers={"X-Api-Key": new.strip()}))[0] == 200
    assert (await run.ask("GET", "/api/movies", headers={"X-Api-Key": old}))[1]["code"] == "wrong_api_key"
    code, said = await run.command("import", str(run.folder / "films.csv"))
    assert code == 0, said
