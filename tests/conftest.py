"""Real servers for the tests: an empty NATS and an empty database for each test, the provider sandbox.

`tests/infrastructure/choice.py` tells which servers: the embedded ones, containers, or those at given addresses. A test
that asks for `nats_server` stops or kills it, and has the embedded one whatever was chosen; so do tests that start
servers of their own. A database and an embedded NATS are made for each test; a NATS in a container or at an address
serves all tests of a worker one after the other, and has its streams removed after each.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
import asyncpg
import hypothesis
import pytest
from tests.infrastructure.choice import Choice, ChoiceError, Container, Embedded, Given, choose
from tests.infrastructure.containers import ContainersError, nats_container, postgres_container
from tests.infrastructure.requirements import (
    UnsuitableError,
    remove_streams,
    require_suitable_nats,
    require_suitable_postgres,
)

from metarr_local.child import Command, end, spawn
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import EmbeddedPostgres

SANDBOX_SECONDS = 120
UNUSED_SECONDS = 120

NewDatabase = Callable[[], Awaitable[str]]

# How long an example takes says how busy the machine is, and nothing of the code.
hypothesis.settings.register_profile("metarr", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("metarr")


def _choice(config: pytest.Config) -> Choice:
    """What the environment asks for; xdist tells its workers how many they are by a variable."""
    workers = os.environ.get("PYTEST_XDIST_WORKER_COUNT") or config.getoption("numprocesses", default=None) or 0
    return choose(os.environ, int(workers))


def pytest_configure(config: pytest.Config) -> None:
    """End the run at once when the environment asks for what cannot be."""
    try:
        _choice(config)
    except ChoiceError as error:
        raise pytest.UsageError(str(error)) from None


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


@pytest.fixture(scope="session")
def choice(pytestconfig: pytest.Config) -> Choice:
    """Where NATS and PostgreSQL come from."""
    return _choice(pytestconfig)


@pytest.fixture
async def nats_server(server_folder: Path) -> AsyncIterator[EmbeddedNats]:
    """A NATS server of the test's own, to stop, kill and start again; it starts in 25 ms, so none is shared."""
    async with EmbeddedNats(server_folder / "nats") as server:
        yield server


@pytest.fixture(scope="session")
async def shared_nats_url(choice: Choice) -> AsyncIterator[str]:
    """The address of the NATS server that this worker's tests share, where it is not the embedded one."""
    assert not isinstance(choice.nats, Embedded)
    async with _suitable(choice.nats, nats_container, require_suitable_nats) as url:
        yield url


@pytest.fixture
def bus_url(request: pytest.FixtureRequest, choice: Choice) -> str:
    """The address of the NATS server that the test uses: its own, if it has one."""
    if _shares_nats(request, choice):
        shared: str = request.getfixturevalue("shared_nats_url")
        return shared
    server: EmbeddedNats = request.getfixturevalue("nats_server")
    return server.url


@pytest.fixture
async def nats_url(request: pytest.FixtureRequest, choice: Choice, bus_url: str) -> AsyncIterator[str]:
    """The address of a NATS server without any stream."""
    shared = _shares_nats(request, choice)
    yield bus_url
    if shared:
        await remove_streams(bus_url)


def _shares_nats(request: pytest.FixtureRequest, choice: Choice) -> bool:
    return not isinstance(choice.nats, Embedded) and "nats_server" not in request.fixturenames


@pytest.fixture(scope="session")
async def postgres_server(shared_folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """The embedded PostgreSQL server of this worker."""
    async with EmbeddedPostgres(shared_folder / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
async def foreign_postgres_url(choice: Choice) -> AsyncIterator[str]:
    """The address of a database of the server in a container or at a given address."""
    assert not isinstance(choice.postgres, Embedded)
    async with _suitable(choice.postgres, postgres_container, require_suitable_postgres) as url:
        yield url


@pytest.fixture(scope="session")
def database_server_url(request: pytest.FixtureRequest, choice: Choice) -> str:
    """The address of a database of the server that the tests use."""
    if not isinstance(choice.postgres, Embedded):
        foreign: str = request.getfixturevalue("foreign_postgres_url")
        return foreign
    server: EmbeddedPostgres = request.getfixturevalue("postgres_server")
    return server.url


@pytest.fixture
async def new_database(database_server_url: str) -> AsyncIterator[NewDatabase]:
    """Makes empty databases, which are gone after the test; returns the address of each."""
    admin = await asyncpg.connect(database_server_url)
    names = []

    async def create() -> str:
        name = f"test_{uuid4().hex}"
        await admin.execute(f"CREATE DATABASE {name}")
        names.append(name)
        return urlsplit(database_server_url)._replace(path=f"/{name}").geturl()

    yield create
    async with asyncio.timeout(UNUSED_SECONDS):
        for name in names:
            await _drop_database(admin, name)
    await admin.close()


async def _drop_database(admin: asyncpg.Connection, name: str) -> None:
    while True:
        # The server waits 5 s for the end of those who are connected.
        with contextlib.suppress(asyncpg.ObjectInUseError):
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
            return


@pytest.fixture
async def database_url(new_database: NewDatabase) -> str:
    """The address of an empty database."""
    return await new_database()


@contextlib.asynccontextmanager
async def _suitable(
    server: Container | Given,
    start: Callable[[str], AbstractContextManager[str]],
    require_suitable: Callable[[str], Awaitable[None]],
) -> AsyncIterator[str]:
    """The address of a server that the tests can use; if there is none, each test that needs it says why."""
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(start(server.image)) if isinstance(server, Container) else server.url
            await require_suitable(url)
        except (ContainersError, UnsuitableError) as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        yield url


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
