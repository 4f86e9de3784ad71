"""Every command of the operations page is tried: it ends well and says something."""

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.e2e.client import Api, api_of
from tests.e2e.system import DATABASE_PASSWORDS, NATS_PASSWORDS, System, running
from tests.e2e.test_nats_cli import NATS

from metarr_local.ports import free_port
from metarr_local.secret_files import new_secret, secret_file
from metarr_local.service_process import says_ready

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
LINES = re.findall(r"^    (\S.*)$", PAGE, re.MULTILINE)
BACKUPS = ("metarr backup ", "metarr restore ")  # tests/e2e/test_backup.py, on a system that is lost
COMMANDS = [line for line in LINES if re.match(r"nats |metarr |curl ", line) and not line.startswith(BACKUPS)]
SERVICES = [line for line in LINES if "python -m metarr_" in line]
[ADDRESS] = (line for line in LINES if line.startswith("export NATS_URL="))
EXPORTED: dict[Path, str] = {}
"""What that line gave to the shell of a system (by its folder); it is typed once, before all others."""
WATCHED = sorted(set(re.findall(r"`(nats sub [^`]+)`", PAGE)))
ELSEWHERE = (
    "make run",  # tests/integration/embedded/test_run.py, and a newcomer's start in CI
    "METARR_DATA_DIR=/srv/metarr make run",
    "METARR_HEALTH_PORT=3001 make run",
    "METARR_HTTP_HOST=0.0.0.0 make run",  # tests/e2e/test_web_key.py
    "cd public/frontend",  # for who works on the UI
    "CREATE ROLE ",  # tests/integration/projector/test_roles.py, as the administrator of a server
    "GRANT ",
    *BACKUPS,
)
SECONDS = 120

pytestmark = pytest.mark.skipif(
    NATS is None, reason="the nats command-line client is neither in .tools nor on the path"
)


async def _shell(system: System, command: str) -> Process:
    """The command as an operator types it, in the shell in which the page's address of the bus was set."""
    here = f"{Path(str(NATS)).parent}:{Path(sys.executable).parent}"
    users = {"metarr setup": "setup", "python -m metarr_enricher": "enricher"}
    who = next((user for words, user in users.items() if words in command), "operator")
    system.ports.setdefault(who, system.ports["gateway"])
    environment = {
        **system.environment_of(who),
        "PATH": f"{here}:{os.environ['PATH']}",
        "METARR_NATS_PORT": str(system.nats.port),
        "METARR_DATA_DIR": str(_data_with_secrets(system)),
        "NATS_TIMEOUT": f"{SECONDS}s",
    }
    if who != "enricher":
        # As with `make run`: who somebody is on the bus is in the data folder.
        del environment["METARR_NATS_URL"]
        if system.folder not in EXPORTED:
            shell = await _bash(f'{ADDRESS}\nprintf "%s" "$NATS_URL"', environment)
            EXPORTED[system.folder] = (await shell.communicate())[0].decode()
        environment["NATS_URL"] = EXPORTED[system.folder]
    return await _bash(command.replace("localhost:3000", system.url.removeprefix("http://")), environment)


async def _bash(command: str, environment: dict[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        "bash", "-o", "pipefail", "-c", command, stdout=PIPE, stderr=STDOUT, env=environment, start_new_session=True
    )


def _data_with_secrets(system: System) -> Path:
    """A data folder as that of `make run`, with the passwords of this system's bus."""
    folder = system.folder / "data"
    for user, password in NATS_PASSWORDS.items():
        file = secret_file(folder, f"nats-{user}")
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(f"{password}\n")
    return folder


async def _says(system: System, command: str) -> str:
    """What the command prints; it has to end well."""
    process = await _shell(system, command)
    async with asyncio.timeout(SECONDS):
        output, _ = await process.communicate()
    assert process.returncode == 0, (command, output.decode())
    return output.decode()


async def _free(system: System) -> None:
    """Wait until no job runs, so that the next command finds the film free."""
    async with asyncio.timeout(SECONDS):
        while "metarr.cmd" in await _says(system, "nats stream subjects METARR_COMMANDS"):
            await asyncio.sleep(0.05)


async def _first_film(system: System, api: Api) -> None:
    """All tests of this module share a system, and this film in it; what they began with it is over."""
    await _free(system)
    film = await api.post("/api/movies", {"title": "The Shawshank Redemption", "imdbId": "tt0111161"})
    assert film.data["movieId"] == 1


def test_no_command_is_left_out() -> None:
    """Each line of the page is run here, or stands in a list that says where it is."""
    rest = [line for line in LINES if line not in (*COMMANDS, *SERVICES, ADDRESS)]
    assert not [line for line in rest if not line.startswith(ELSEWHERE)]
    assert COMMANDS
    assert SERVICES
    assert WATCHED


async def test_each_command(system: System, api: Api) -> None:
    """In the order of the page, on a library with one refreshed film and one dead letter."""
    await _first_film(system, api)
    await _says(system, """nats req metarr.cmd.enrich.1 '{"colour": "red"}'""")
    await _free(system)
    for command in COMMANDS:
        said = await _says(system, command)
        assert said.strip() or "--force" in command, command
        assert "nats: error" not in said, (command, said)
        if "consumer pause" not in command:
            await _free(system)


async def test_dead_letters_are_replayed(system: System, api: Api) -> None:
    """Given the dead letter of a film, the page's line starts the film's job again."""
    await _first_film(system, api)
    await _says(system, """nats req metarr.cmd.enrich.1 '{"colour": "red"}'""")
    await _free(system)
    [replay] = [line for line in COMMANDS if "xargs" in line]
    await _says(system, replay)
    await _free(system)
    events = json.loads(await _says(system, "nats stream info METARR_EVENTS --json"))
    status = await api.get("/api/movies/1/enrichment-status", after=events["state"]["last_seq"])
    assert status.data["lastJob"]["state"] == "completed"
    assert status.data["completeness"] > 0


async def test_a_pause_holds_back_what_is_started(system: System, api: Api) -> None:
    """While the consumer is paused a command waits; after it is resumed the command is carried out."""
    await _first_film(system, api)
    pause, resume = (next(line for line in COMMANDS if f"consumer {verb}" in line) for verb in ("pause", "resume"))
    await _says(system, pause)
    async with api.socket() as socket:
        job_id = (await api.post("/api/movies/1/enrich")).data["jobId"]
        async with asyncio.timeout(SECONDS):
            # The server tells its consumers of a message after it has acknowledged it.
            while (consumer := await _enricher(system))["num_pending"] == 0:
                await asyncio.sleep(0.05)
        assert consumer["paused"]
        assert consumer["num_pending"] == 1
        await _says(system, resume)
        assert (await socket.until_end(job_id))[-1]["type"] == "enrichment:complete"


async def _enricher(system: System) -> Any:
    """What the server says of the consumer that the page pauses."""
    return json.loads(await _says(system, "nats consumer info METARR_COMMANDS enricher --json"))


@pytest.mark.parametrize("command", WATCHED)
async def test_what_is_watched_is_seen(system: System, api: Api, command: str) -> None:
    """A line that watches shows what happens after it was typed."""
    await _first_film(system, api)
    watching = asyncio.create_task(_says(system, f"{command} --count 1"))
    async with asyncio.timeout(SECONDS):
        while not watching.done():
            # The client says nothing when it has subscribed, so things happen until it has seen one.
            await api.post("/api/movies/1/enrich", {"force": True})
            await api.post("/api/enrichment/bulk-run")
            await asyncio.sleep(0.2)
    assert "[#1]" in watching.result()


@pytest.mark.parametrize("command", SERVICES)
async def test_a_replica_is_added(system: System, command: str) -> None:
    """The line starts one more process that gets ready beside those that run, and ends with a signal."""
    port = free_port()
    own = re.sub(r"METARR_HEALTH_PORT=\d+ .venv/bin/", f"exec env METARR_HEALTH_PORT={port} ", command)
    process = await _shell(system, own)
    async with asyncio.timeout(SECONDS):
        while not await says_ready(f"http://127.0.0.1:{port}/readyz"):
            assert process.returncode is None
            await asyncio.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def test_the_passwords_of_the_database_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """After setup with new ones the projector at work goes on, and one with the new ones takes its place."""
    [setup] = [line for line in COMMANDS if line == "metarr setup"]
    async with running() as system, api_of(system.url, patient=True) as api:
        before = system.database_urls
        for user in DATABASE_PASSWORDS:
            monkeypatch.setitem(DATABASE_PASSWORDS, user, new_secret())
        await _says(system, setup)
        await _shows_what_is_added(api, 1)
        await system.start("projector", "projector2")
        await system.stop("projector")
        await _shows_what_is_added(api, 2)
        for url in before[1:]:
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(url)


async def _shows_what_is_added(api: Api, films: int) -> None:
    added = await api.post("/api/movies", {"title": f"Film {films}", "year": 1970 + films})
    listed = await api.get("/api/movies", after=added.data["seq"])
    assert listed.data["total"] == films
