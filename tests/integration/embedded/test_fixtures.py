"""The servers that the other tests stand on."""

import aiohttp
import asyncpg
import nats


async def test_a_test_gets_an_empty_bus(nats_url: str) -> None:
    """No stream is there before the test makes one."""
    connection = await nats.connect(nats_url)
    streams = await connection.jetstream().streams_info()
    await connection.close()
    assert streams == []


async def test_a_test_gets_an_empty_database(database_url: str) -> None:
    """No table is there before the test makes one."""
    connection = await asyncpg.connect(database_url)
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == 0


async def test_the_sandbox_answers(sandbox: str) -> None:
    """The provider sandbox listens and speaks TMDB."""
    async with aiohttp.ClientSession() as client, client.get(f"{sandbox}/tmdb/3/configuration") as answer:
        assert answer.status in {200, 401}
