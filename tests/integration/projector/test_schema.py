"""Setup makes the tables, and makes them anew for another version."""

import asyncio
from urllib.parse import urlsplit

import asyncpg
import pytest
from tests.integration.projector.scenes import Projector, Rows, Stream

from metarr_projector import schema
from metarr_projector.errors import DatabaseUnsuitableError
from metarr_projector.schema import LEAST_SERVER, migrate, require_suitable


async def test_setup_can_be_repeated(database_url: str) -> None:
    """Run again, and by several at once, setup changes nothing."""
    await asyncio.gather(*(migrate(database_url) for _ in range(4)))
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE live.library SET enriched = 7")
    await migrate(database_url)
    assert await connection.fetchval("SELECT enriched FROM live.library") == 7
    await connection.close()


async def test_other_version_starts_from_the_first_event(
    tables: str, rows: Rows, projector: Projector, stream: Stream
) -> None:
    """Read models of another version are dropped by setup and filled anew by the projector."""
    last = await stream.tell_history(100)
    async with projector():
        await rows.reach(last)
    before = await rows.dump()
    await rows.connection.execute("UPDATE control.read_models SET version = 'old'")
    await migrate(tables)
    assert await rows.seq() == 0
    assert await rows.connection.fetchval("SELECT version FROM control.read_models") == schema.VERSION
    async with projector():
        await rows.reach(last)
    assert await rows.dump() == before


async def test_a_database_in_another_encoding_is_refused(rows: Rows, database_url: str) -> None:
    """By setup, not by the projection at the first title that the encoding has no letters for."""
    url = urlsplit(database_url)
    name = f"{url.path[1:]}_latin"
    provider = "LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
    await rows.connection.execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' {provider}")
    try:
        with pytest.raises(DatabaseUnsuitableError, match="its encoding is LATIN1, expected UTF8"):
            await migrate(url._replace(path=f"/{name}").geturl())
    finally:
        await rows.connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_old_server_is_refused() -> None:
    """Its PostgreSQL would take the tables, and no statement of the projection."""
    require_suitable(LEAST_SERVER, "UTF8")
    with pytest.raises(DatabaseUnsuitableError, match="PostgreSQL is version 14, expected 15 or newer"):
        require_suitable(14, "UTF8")
