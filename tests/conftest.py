"""Real servers for the tests: a fresh NATS and a fresh database for each test, the provider sandbox.

METARR_TEST_NATS_URL and METARR_TEST_DATABASE_URL name servers to use instead of the embedded ones. They must be there
for the tests alone: every stream of that NATS is removed after each test.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
import asyncpg
import nats
import pytest

from metarr_local.child import Command, end, spawn
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import EmbeddedPostgres

NATS_URL = os.environ.get("METARR_TEST_NATS_URL")
DATABASE_URL = os.environ.get("METARR_TEST_DATABASE_URL")
SANDBOX_SECONDS = 30


def _open_folder() -> Iterator[Path]:
    """A folder that other users can enter: pytest's own are closed, and as root PostgreSQL runs as another user."""
    folder = Path(tempfile.mkdtemp(prefix="metarr-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """An empty folder for the servers of one test."""
    yield from _open_folder()


@pytest.fixture(scope="session")
def shared_folder() -> Iterator[Path]:
    """An empty folder for the servers that all tests of this worker share."""
    yield from _open_folder()


@pytest.fixture
async def nats_server(server_folder: Path) -> AsyncIterator[EmbeddedNats]:
    """A NATS server of the test's own, to stop, kill and start again; it starts in 25 ms, so none is shared."""
    async with EmbeddedNats(server_folder / "nats") as server:
        yield server


@pytest.fixture
def bus_url(request: pytest.FixtureRequest) -> str:
    """The address of the NATS server that the test uses."""
    if NATS_URL is not None:
        return NATS_URL
    server: EmbeddedNats = request.getfixturevalue("nats_server")
    return server.url


@pytest.fixture
async def nats_url(bus_url: str) -> AsyncIterator[str]:
    """The address of a NATS server without any stream."""
    yield bus_url
    if NATS_URL is None:
        return
    connection = await nats.connect(NATS_URL)
    stream = connection.jetstream()
    for info in await stream.streams_info():
        await stream.delete_stream(str(info.config.name))
    await connection.close()


@pytest.fixture(scope="session")
async def postgres_server(shared_folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """The PostgreSQL server of this worker."""
    async with EmbeddedPostgres(shared_folder / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
def database_server_url(request: pytest.FixtureRequest) -> str:
    """The address of a database of the server that the tests use."""
    if DATABASE_URL is not None:
        return DATABASE_URL
    server: EmbeddedPostgres = request.getfixturevalue("postgres_server")
    return server.url


@pytest.fixture
async def database_url(database_server_url: str) -> AsyncIterator[str]:
    """The address of an empty database."""
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(database_server_url)
    await admin.execute(f"CREATE DATABASE {name}")
    yield urlsplit(database_server_url)._replace(path=f"/{name}").geturl()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture(scope="session")
async def sandbox_process(shared_folder: Path) -> AsyncIterator[str]:
    """The provider sandbox of this worker; its address."""
    log = shared_folder / "sandbox.log"
    with log.open("wb") as output:
        command = Command((sys.executable, "-m", "metarr_sandbox", "--port", "0"), os.environ)
        process = await spawn(command, output)
    async with asyncio.timeout(SANDBOX_SECONDS):
        while not (first := log.read_text().partition("\n"))[1]:
            assert process.returncode is None, f"the sandbox ended: {first[0]}"
            await asyncio.sleep(0.02)
    url: str = json.loads(first[0])["url"]
    yield url
    await end(process, signal.SIGTERM, patience=10)


@pytest.fixture
async def sandbox(sandbox_process: str) -> AsyncIterator[str]:
    """The address of the provider sandbox, in its first state again after each test."""
    yield sandbox_process
    async with aiohttp.ClientSession() as client, client.post(f"{sandbox_process}/control/reset") as answer:
        answer.raise_for_status()
