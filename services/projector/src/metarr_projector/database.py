"""Reads for queries. While Postgres is away every read fails at once: only a task in the background keeps trying."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextvars import Context
from typing import Any

import asyncpg
import structlog

from metarr_projector.errors import DatabaseAwayError

log = structlog.get_logger()

Row = Mapping[str, Any]

MAX_CONNECTIONS = 8
CONNECT_SECONDS = 1.0
QUERY_SECONDS = 2.0
PROBE_SECONDS = 0.2
AWAY = (
    OSError,  # refused, unreachable, timed out
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InterfaceError,  # the connection was lost meanwhile
)


class Database:
    """A pool of connections that says when the server is away."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._probe: asyncio.Task[None] | None = None

    def require(self) -> None:
        """Raise DatabaseAwayError while the server is known to be away."""
        if self._probe is not None:
            raise DatabaseAwayError

    async def fetch(self, sql: str, *arguments: object) -> list[Row]:
        """The rows of a query.

        Raises:
            DatabaseAwayError: the server cannot be reached, or does not answer.
        """
        self.require()
        try:
            return await self._fetch(sql, *arguments)
        except AWAY as error:
            self._notice(error)
            raise DatabaseAwayError from error

    async def row(self, sql: str, *arguments: object) -> Row | None:
        """The first row of a query; raises as `fetch`."""
        rows = await self.fetch(sql, *arguments)
        return rows[0] if rows else None

    async def _fetch(self, sql: str, *arguments: object) -> list[Row]:
        async with self._pool.acquire(timeout=QUERY_SECONDS) as connection:
            try:
                return [dict(row) for row in await connection.fetch(sql, *arguments)]
            except TimeoutError:
                # Not handed back in good order: that would wait for the server that does not answer.
                connection.terminate()
                raise

    def _notice(self, error: Exception) -> None:
        if self._probe is None:
            log.warning("database away", error=type(error).__name__)
            # It goes on after the request that found out, and belongs to none.
            self._probe = asyncio.create_task(self._wait_for_return(), context=Context())

    async def _wait_for_return(self) -> None:
        while True:
            with contextlib.suppress(*AWAY, asyncpg.PostgresError):
                await self._fetch("SELECT 1")
                break
            await asyncio.sleep(PROBE_SECONDS)
        log.info("database back")
        self._probe = None

    async def close(self) -> None:
        """End what runs in the background and all connections."""
        if self._probe is not None:
            self._probe.cancel()
        self._pool.terminate()


@contextlib.asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """Reads from this database; it need not be there yet."""
    settings: dict[str, Any] = {
        "timeout": CONNECT_SECONDS,
        "command_timeout": QUERY_SECONDS,
        "server_settings": {"default_transaction_read_only": "on"},
    }
    pool = await asyncpg.create_pool(url, min_size=0, max_size=MAX_CONNECTIONS, reset=_leave_as_it_is, **settings)
    database = Database(pool)
    try:
        yield database
    finally:
        await database.close()


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """After one statement that only reads there is nothing in a session to be reset, which takes as long as a read."""
