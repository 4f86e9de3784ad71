"""The embedded NATS server: starts, keeps what it stored, refuses a second one."""

import socket
from pathlib import Path

import nats
import pytest
from tests.faults.harness.disks import NO_RIGHT, small_disks

from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.errors import FolderInUseError, PortTakenError


async def test_what_was_stored_survives_sigkill(nats_server: EmbeddedNats) -> None:
    """An acknowledged message is there after a SIGKILL, at the same address."""
    url = nats_server.url
    connection = await nats.connect(url, allow_reconnect=False, connect_timeout=60)
    stream = connection.jetstream(timeout=60)
    await stream.add_stream(name="S", subjects=["s"])
    await stream.publish("s", b"kept")
    await nats_server.kill()
    await connection.close()
    await nats_server.start()
    connection = await nats.connect(nats_server.url)
    message = await connection.jetstream(timeout=60).get_msg("S", 1)
    await connection.close()
    assert message.data == b"kept"
    assert nats_server.url == url


async def test_the_disk_is_the_limit(server_folder: Path) -> None:
    """Given more stored than free, when the server is started again and again, then it stores on."""
    async with small_disks({"nats": (server_folder / "small" / "jetstream", 32)}) as disks:
        if not disks:
            pytest.skip(NO_RIGHT)
        server = EmbeddedNats(server_folder / "small")
        stored = 0
        # It may forget for a while how much it stores, so the first start after that does not show the rule.
        for more in (20, 3, 3, 3):
            async with server:
                connection = await nats.connect(server.url, allow_reconnect=False, connect_timeout=60)
                stream = connection.jetstream(timeout=60)
                await stream.add_stream(name="S", subjects=["s"])
                for _ in range(more):
                    stored = (await stream.publish("s", bytes(1024 * 1024))).seq
                await connection.close()
    assert stored == 29


async def test_messages_of_eight_megabytes_pass(nats_server: EmbeddedNats) -> None:
    """The server takes payloads of up to 8 MB."""
    connection = await nats.connect(nats_server.url)
    limit = connection.max_payload
    await connection.close()
    assert limit == 8 * 1024 * 1024


async def test_a_stopped_server_is_gone(nats_server: EmbeddedNats) -> None:
    """After stop() there is no process and nobody listens; stopping again does nothing."""
    await nats_server.stop()
    await nats_server.stop()
    assert nats_server.pid is None
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", nats_server.port)) != 0


async def test_a_second_server_on_the_folder_is_refused(nats_server: EmbeddedNats, server_folder: Path) -> None:
    """Two servers never share one store."""
    assert nats_server.pid
    with pytest.raises(FolderInUseError, match="in use by a NATS server"):
        await EmbeddedNats(server_folder / "nats").start()


async def test_a_taken_port_is_named(server_folder: Path) -> None:
    """The message says which port, who wants it and which setting changes it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"Port {port} .*NATS wants it.*METARR_NATS_PORT"):
            await EmbeddedNats(server_folder / "nats", port).start()
