"""The servers that the other tests stand on: embedded, in containers, or at given addresses."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import aiohttp
import asyncpg
import nats
import pytest
from tests.conftest import NewDatabase
from tests.infrastructure.choice import Choice, Embedded
from tests.infrastructure.containers import ContainersError, nats_container
from tests.infrastructure.requirements import (
    UnsuitableError,
    remove_streams,
    require_suitable_nats,
    require_suitable_postgres,
)

from metarr_chassis.bus import connect
from metarr_local.child import Command, spawn
from metarr_local.embedded_nats import EmbeddedNats, nats_server_program
from metarr_local.ports import LOOPBACK, free_port

PASSWORD = "p@ss:w/ö rd%?#&"
LOGIN = f'authorization {{ user: me, password: "{PASSWORD}", timeout: 60 }}'


@pytest.mark.parametrize("time", ["first", "second"])
async def test_a_test_gets_an_empty_bus(nats_url: str, time: str) -> None:
    """No stream is there before the test makes one; messages of 8 MB pass wherever the server comes from."""
    async with connect(nats_url, time) as bus:
        assert await bus.js.streams_info() == []
        await bus.js.add_stream(name="TEST", subjects=["test"])
        await bus.js.create_key_value(bucket="TEST")
        assert bus.nc.max_payload == 8 * 1024 * 1024


async def test_who_stops_the_server_has_one_of_the_tests_own(nats_url: str, nats_server: EmbeddedNats) -> None:
    """Whatever was chosen for the others."""
    assert nats_url == nats_server.url


async def test_the_others_have_what_was_chosen(choice: Choice, bus_url: str, request: pytest.FixtureRequest) -> None:
    """A server of the test's own only where that is the choice."""
    assert ("nats_server" in request.fixturenames) == isinstance(choice.nats, Embedded), bus_url


async def test_a_test_gets_an_empty_database(database_url: str, new_database: NewDatabase) -> None:
    """No table is there before the test makes one; each is another one."""
    other = await new_database()
    assert other != database_url
    for url in (database_url, other):
        connection = await asyncpg.connect(url)
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        await connection.execute("CREATE TABLE test ()")
        await connection.close()
        assert tables == 0


async def test_a_bus_that_is_in_use_is_refused(nats_server: EmbeddedNats) -> None:
    """The streams of whoever uses it would be removed."""
    await require_suitable_nats(nats_server.url)
    connection = await nats.connect(nats_server.url)
    for name in ("B", "A"):
        await connection.jetstream().add_stream(name=name, subjects=[name])
    await connection.close()
    with pytest.raises(UnsuitableError, match=f"{nats_server.port} is in use, .* remove its streams: A, B$"):
        await require_suitable_nats(nats_server.url)
    await remove_streams(nats_server.url)
    await require_suitable_nats(nats_server.url)


@pytest.fixture
async def other_nats(request: pytest.FixtureRequest, server_folder: Path) -> AsyncIterator[str]:
    """Where a NATS server with these settings listens."""
    port = free_port()
    settings, log = server_folder / "own.conf", server_folder / "own.log"
    settings.write_text(f"listen: {json.dumps(f'{LOOPBACK}:{port}')}\n{request.param}")
    with log.open("wb") as output:
        command = Command((str(nats_server_program()), "--config", str(settings)), {}, folder=server_folder)
        process = await spawn(command, output)
    while "Server is ready" not in log.read_text():
        assert process.returncode is None
        await asyncio.sleep(0.02)
    yield f"{LOOPBACK}:{port}"
    process.terminate()
    await process.wait()


@pytest.mark.parametrize(
    ("other_nats", "words"),
    [("max_payload: 8MB", "has no JetStream"), ('jetstream { store_dir: "store" }', "takes messages of 1048576 bytes")],
    indirect=["other_nats"],
)
async def test_a_bus_that_is_too_little_is_refused(other_nats: str, words: str) -> None:
    """What is missing is said once, not by each test in another way."""
    with pytest.raises(UnsuitableError, match=words):
        await require_suitable_nats(f"nats://{other_nats}")


@pytest.mark.parametrize(
    "other_nats",
    [f'max_payload: 8MB, jetstream {{ store_dir: "store" }}, {LOGIN}'],
    indirect=True,
)
async def test_passwords_are_those_of_urls(other_nats: str) -> None:
    """Percent-encoded like in any address; a wrong one is refused, and no message shows it."""
    await require_suitable_nats(f"nats://me:{quote(PASSWORD, safe='')}@{other_nats}")
    with pytest.raises(UnsuitableError, match=f"^The NATS server at {other_nats} does not let us in: .*Violation"):
        await require_suitable_nats(f"nats://me:wrong@{other_nats}")


async def test_a_server_that_is_away_is_refused() -> None:
    """At once, and it is said which."""
    place = f"{LOOPBACK}:{free_port()}"
    with pytest.raises(UnsuitableError, match=f"^The NATS server at {place} does not let us in"):
        await require_suitable_nats(f"nats://me:secret@{place}")
    with pytest.raises(UnsuitableError, match=f"^The PostgreSQL server at {place} does not let us in"):
        await require_suitable_postgres(f"postgresql://me:secret@{place}/own")


async def test_a_user_who_may_not_make_databases_is_refused(database_server_url: str) -> None:
    """Each test gets a database of its own; every password is good."""
    admin = await asyncpg.connect(database_server_url)
    name = f"test_{free_port()}"
    await admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
    place = urlsplit(database_server_url).netloc.rpartition("@")[2]
    url = f"postgresql://{name}:{quote(PASSWORD, safe='')}@{place}/postgres"
    try:
        with pytest.raises(UnsuitableError, match=f"{place} gives its user no right to make databases"):
            await require_suitable_postgres(url)
        await admin.execute(f"ALTER ROLE {name} CREATEDB")
        await require_suitable_postgres(url)
    finally:
        await admin.execute(f"DROP ROLE {name}")
        await admin.close()


def test_containers_without_an_engine_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asked for containers does not get a green run on something else."""
    monkeypatch.setenv("DOCKER_HOST", f"tcp://{LOOPBACK}:{free_port()}")
    with (
        pytest.raises(ContainersError, match=r"^METARR_TEST_INFRA=containers, but no container could be started: "),
        nats_container("nats"),
    ):
        pass


async def test_the_sandbox_answers(sandbox: str) -> None:
    """The provider sandbox listens and speaks TMDB."""
    async with aiohttp.ClientSession() as client, client.get(f"{sandbox}/tmdb/3/configuration") as answer:
        assert answer.status in {200, 401}
