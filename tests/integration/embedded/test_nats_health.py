"""A server says over the bus whether it can store, to one user who may ask nothing else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import nats.errors
import pytest

from metarr_contracts.permissions import USERS, UserName
from metarr_local.bus import connected
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.errors import LocalError
from metarr_local.nats_health import SUBJECT, write_error

PASSWORDS: dict[UserName, str] = {user.name: f"password-of-{user.name}" for user in USERS}


@pytest.fixture
async def server(server_folder: Path) -> AsyncIterator[EmbeddedNats]:
    """A bus with users."""
    async with EmbeddedNats(server_folder / "users", passwords=PASSWORDS) as server:
        yield server


async def test_a_server_that_stores_has_no_error(server: EmbeddedNats) -> None:
    """Given a server that could write whatever it was sent, then there is no write error."""
    async with connected(server.url) as client:
        stream = client.jetstream()
        await stream.add_stream(name="S", subjects=["s"])
        await stream.publish("s", b"kept")
    assert await write_error(server.health_url) is None


async def test_a_server_that_does_not_run_says_nothing(server: EmbeddedNats) -> None:
    """Given no server, then that is no write error."""
    await server.stop()
    with pytest.raises(LocalError, match="No NATS server answers"):
        await write_error(server.health_url)


@pytest.mark.parametrize("subject", ["$SYS.REQ.SERVER.PING.VARZ", "$JS.API.INFO", "metarr.cmd.bulk.run"])
async def test_who_asks_for_health_may_do_nothing_else(server: EmbeddedNats, subject: str) -> None:
    """Given the user `health`, when it sends anything else, then the server refuses that."""
    refused: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def hear(error: Exception) -> None:
        # Before it is connected something else may go wrong, and is tried again.
        if "permissions violation" in str(error).lower() and not refused.done():
            refused.set_result(str(error))

    client = await nats.connect(server.health_url, error_cb=hear)
    await client.publish(subject, b"{}")
    said = await asyncio.wait_for(refused, 120)
    assert f'permissions violation for publish to "{subject.lower()}"' in said.lower()
    await client.close()


async def test_nobody_else_may_ask(server: EmbeddedNats) -> None:
    """Given the user of setup, who may do everything with what is stored, then the server's system is not its."""
    async with connected(server.url) as client:
        with pytest.raises(nats.errors.NoRespondersError):
            await client.request(SUBJECT, b"{}", timeout=20)
