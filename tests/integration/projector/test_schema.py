"""Setup makes the tables, and makes them anew for another version."""

import asyncio

import asyncpg
from tests.integration.projector.scenes import Projector, Rows, Stream

from metarr_projector import schema
from metarr_projector.schema import migrate


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
