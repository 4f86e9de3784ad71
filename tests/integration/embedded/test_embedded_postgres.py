"""The embedded PostgreSQL server: starts, keeps what it stored, lets nobody in without the password."""

import socket
from pathlib import Path

import asyncpg
import pytest

from metarr_local.embedded_postgres import EmbeddedPostgres
from metarr_local.errors import FolderInUseError, PortTakenError


async def test_rows_survive_sigkill(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A committed row is there after a SIGKILL, at the same address; the left-over postmaster.pid does no harm."""
    monkeypatch.setattr("metarr_local.embedded_postgres.ENDING_SECONDS", 60.0)
    server = EmbeddedPostgres(server_folder / "postgres")
    await server.start()
    url = server.url
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    await server.kill()
    connection.terminate()
    await server.start()
    connection = await asyncpg.connect(url)
    number = await connection.fetchval("SELECT number FROM kept")
    await connection.close()
    await server.stop()
    assert number == 7


async def test_a_wrong_password_is_refused(postgres_server: EmbeddedPostgres) -> None:
    """Being on the same machine is not enough."""
    password = postgres_server.url.split(":")[2].split("@")[0]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres_server.url.replace(password, "wrong"))


async def test_the_password_file_is_the_owners_alone(postgres_server: EmbeddedPostgres, shared_folder: Path) -> None:
    """Nobody else on the machine can read the password."""
    file = shared_folder / "postgres" / "password"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() in postgres_server.url


async def test_text_is_utf8_with_the_builtin_collation(database_url: str) -> None:
    """Lower-casing knows letters beyond ASCII on every machine, without ICU."""
    connection = await asyncpg.connect(database_url)
    row = await connection.fetchrow("SELECT lower('ÀÉ') AS lower, current_setting('server_encoding') AS encoding")
    await connection.close()
    assert row is not None
    assert tuple(row) == ("àé", "UTF8")


async def test_databases_are_made_and_removed(postgres_server: EmbeddedPostgres) -> None:
    """A database is removed even while a client is connected."""
    connection = await asyncpg.connect(await postgres_server.create_database("temporary"))
    await postgres_server.drop_database("temporary")
    connection.terminate()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(postgres_server.database_url("temporary"))


async def test_a_second_server_on_the_folder_is_refused(
    postgres_server: EmbeddedPostgres, shared_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two servers never share one folder."""
    monkeypatch.setattr("metarr_local.embedded_postgres.ENDING_SECONDS", 0.1)
    assert postgres_server.pid
    with pytest.raises(FolderInUseError, match="in use by a PostgreSQL server"):
        await EmbeddedPostgres(shared_folder / "postgres").start()


async def test_a_taken_port_is_named(server_folder: Path) -> None:
    """The message says which port, who wants it and which setting changes it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"Port {port} .*PostgreSQL wants it.*METARR_POSTGRES_PORT"):
            await EmbeddedPostgres(server_folder / "postgres", port).start()
