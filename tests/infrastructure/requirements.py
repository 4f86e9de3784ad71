"""What a server must be like for the tests: asked once, so that a wrong one is a clear sentence and no heap of errors.

No message shows the password in an address.
"""

from typing import Any
from urllib.parse import urlsplit

import asyncpg
import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client

from metarr_chassis.nats_login import login
from metarr_chassis.nats_servers import parse_servers
from metarr_local.errors import reason

MAX_PAYLOAD = 8 * 1024 * 1024
CONNECT_SECONDS = 60
# Else the client tries for two minutes.
AT_ONCE: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "allow_reconnect": False,
    "max_reconnect_attempts": 1,
    "reconnect_time_wait": 0.1,
}


class UnsuitableError(Exception):
    """The tests cannot run on this server; the text is meant for the person at the terminal."""


async def require_suitable_nats(url: str) -> None:
    """Refuse a NATS that cannot do what Metarr needs, or that is in use: every stream is removed after each test.

    Raises:
        UnsuitableError: it does not answer, lacks JetStream or large messages, or has streams.
    """
    where = f"The NATS server at {_place(url)}"
    connection = Client()
    try:
        await connection.connect(**login(parse_servers(url)), **AT_ONCE, error_cb=_ignore)
        await _require_unused_jetstream(connection, where)
    except (nats.errors.Error, OSError, TimeoutError) as error:
        raise UnsuitableError(f"{where} does not let us in: {reason(error)}") from error
    finally:
        # What could not connect holds a socket all the same.
        await connection.close()


async def _require_unused_jetstream(connection: Client, where: str) -> None:
    if connection.max_payload < MAX_PAYLOAD:
        raise UnsuitableError(f"{where} takes messages of {connection.max_payload} bytes; set max_payload: 8MB")
    try:
        streams = await connection.jetstream(timeout=CONNECT_SECONDS).streams_info()
    except nats.js.errors.Error as error:
        raise UnsuitableError(f"{where} has no JetStream for us: {reason(error)}") from error
    if streams:
        names = ", ".join(sorted(str(info.config.name) for info in streams))
        raise UnsuitableError(f"{where} is in use, and the tests would remove its streams: {names}")


async def remove_streams(url: str) -> None:
    """Remove every stream, buckets included."""
    connection = await nats.connect(**login(parse_servers(url)))
    stream = connection.jetstream(timeout=CONNECT_SECONDS)
    for info in await stream.streams_info():
        await stream.delete_stream(str(info.config.name))
    await connection.close()


async def require_suitable_postgres(url: str) -> None:
    """Refuse a PostgreSQL on which a test cannot have a database of its own.

    Raises:
        UnsuitableError: it does not let us in, the user may not make databases, or new ones are not in UTF-8.
    """
    where = f"The PostgreSQL server at {_place(url)}"
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError) as error:
        raise UnsuitableError(f"{where} does not let us in: {reason(error)}") from error
    try:
        may_create = await connection.fetchval(
            "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        )
        encoding = await connection.fetchval(
            "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'template1'"
        )
    finally:
        await connection.close()
    if not may_create:
        raise UnsuitableError(f"{where} gives its user no right to make databases, one for each test: CREATEDB")
    if encoding != "UTF8":
        raise UnsuitableError(f"{where} makes databases in {encoding}; Metarr needs UTF8")


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


async def _ignore(_error: Exception) -> None:
    """What is wrong is raised as well."""
