"""A service and a NATS server make sure of each other: users that are refused, certificates that are not trusted."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from tests.integration.chassis.conftest import PATIENCE, Start, says

from metarr_chassis.bus import connect
from metarr_chassis.topology import setup
from metarr_contracts.permissions import USERS, UserName
from metarr_local.bus import connected
from metarr_local.child import Command, end
from metarr_local.embedded_nats import EmbeddedNats, nats_server_program
from metarr_local.errors import LocalError
from metarr_local.nats_authorization import authorization, password_environment
from metarr_local.ports import LOOPBACK, free_port
from metarr_local.server_process import ServerProcess
from metarr_local.service_process import listens

PASSWORDS: dict[UserName, str] = {user.name: f"password-of-{user.name}" for user in USERS}
OTHERS: dict[UserName, str] = {**PASSWORDS, "scheduler": "another-password"}
REFUSED = "refuses the user scheduler or its password"
UNTRUSTED = "is not trusted"


@pytest.fixture
async def server(server_folder: Path) -> AsyncIterator[EmbeddedNats]:
    """A bus with users that is set up."""
    async with EmbeddedNats(server_folder / "nats", passwords=PASSWORDS) as server:
        await setup(server.url, demo=False)
        yield server


async def test_who_is_refused_at_the_start_waits(
    server: EmbeddedNats, server_folder: Path, start: Start, output: Path
) -> None:
    """It says so without the password, and works as soon as it is let in."""
    with_others = EmbeddedNats(server_folder / "nats", server.port, OTHERS)
    process = await start(nats_url=with_others.url_of("scheduler"))
    await says(output, REFUSED)
    assert process.returncode is None
    await server.stop()
    async with with_others:
        await says(output, "ready")
    assert "password" not in output.read_text().replace("its password", "")


async def test_who_is_refused_when_it_comes_back_waits(
    server: EmbeddedNats, server_folder: Path, start: Start, output: Path
) -> None:
    """As after a change of passwords by mistake: nothing has to be started again once it is undone."""
    await start(nats_url=server.url_of("scheduler"))
    await says(output, "ready")
    await server.stop()
    async with EmbeddedNats(server_folder / "nats", server.port, OTHERS):
        await says(output, REFUSED)
    await server.start()
    await says(output, "bus back")


async def test_who_is_turned_out_ends(server: EmbeddedNats, server_folder: Path, start: Start, output: Path) -> None:
    """Where a running server gets another password, the client gives up: the process says why, with exit code 1."""
    process = await start(nats_url=server.url_of("scheduler"))
    await says(output, "ready")
    settings = server_folder / "nats" / "nats.conf"
    text = settings.read_text()
    settings.write_text(text.replace("$METARR_NATS_PASSWORD_SCHEDULER", "changed"))
    assert server.pid is not None
    os.kill(server.pid, signal.SIGHUP)
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 1
    assert output.read_text().splitlines()[-1] == f"scheduler ends: The NATS server at {_bare(server)} {REFUSED}"


def _bare(server: EmbeddedNats) -> str:
    return f"nats://{LOOPBACK}:{server.port}"


@asynccontextmanager
async def tls_server(folder: Path, authority: trustme.CA, name: str) -> AsyncIterator[str]:
    """A NATS server with users and with a certificate for this name; where setup connects."""
    folder.mkdir()
    certificate = authority.issue_cert(name)
    certificate.cert_chain_pems[0].write_to_path(folder / "server.pem")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    port = free_port()
    settings = folder / "nats.conf"
    settings.write_text(
        f'listen: "{LOOPBACK}:{port}"\n'
        f"jetstream {{ store_dir: {json.dumps(str(folder / 'jetstream'))} }}\n"
        f"tls {{ cert_file: {json.dumps(str(folder / 'server.pem'))}\n"
        f"key_file: {json.dumps(str(folder / 'server.key'))}, timeout: 60 }}\n"
        f"{authorization()}"
    )
    arguments = (str(nats_server_program()), "--config", str(settings))
    process = ServerProcess("NATS", folder / "nats.log")
    environment = {**os.environ, **password_environment(PASSWORDS)}
    await process.start(
        Command(arguments, environment, folder, death_signal=signal.SIGTERM), lambda: listens(LOOPBACK, port)
    )
    try:
        yield f"tls://setup:{PASSWORDS['setup']}@{LOOPBACK}:{port}"
    finally:
        await process.stop(signal.SIGTERM)


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, Path]:
    """An authority of the test's own, and the file of its certificate."""
    authority = trustme.CA()
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return authority, file


async def test_a_server_that_proves_itself_is_used(
    server_folder: Path, authority: tuple[trustme.CA, Path], start: Start, output: Path
) -> None:
    """Setup, a command and a service, each with the authority's certificate in METARR_NATS_CA_FILE."""
    ca, file = authority
    async with tls_server(server_folder / "tls", ca, LOOPBACK) as url:
        await setup(url, demo=False, ca_file=file)
        async with connected(url, file) as client:
            await client.flush()
        process = await start(nats_url=url, nats_ca_file=str(file))
        await says(output, "ready")
        assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0


@pytest.mark.parametrize("wrong", ["authority", "name", "system"])
async def test_a_server_that_proves_nothing_is_not_used(
    server_folder: Path, authority: tuple[trustme.CA, Path], start: Start, output: Path, wrong: str
) -> None:
    """Another authority's certificate, one for another host, one that the system knows nothing of: said, and waited."""
    ca, file = authority
    issuer, name = trustme.CA() if wrong == "authority" else ca, "elsewhere.example" if wrong == "name" else LOOPBACK
    async with tls_server(server_folder / "tls", issuer, name) as url:
        with pytest.raises(LocalError, match=f"certificate .* {UNTRUSTED}.*METARR_NATS_CA_FILE"):
            async with connected(url, None if wrong == "system" else file):
                pass
        process = await start(nats_url=url, **({} if wrong == "system" else {"nats_ca_file": str(file)}))
        await says(output, UNTRUSTED)
        assert process.returncode is None
        assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0
    assert PASSWORDS["setup"] not in output.read_text()


async def test_no_password_goes_to_a_server_without_tls() -> None:
    """Whoever sits between us and a server may say that it has no TLS: then nothing is sent but the refusal."""
    came: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"server_id":"x","version":"2.12.0","max_payload":1048576,"auth_required":true}\r\n')
        came.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(LocalError, match="offers no TLS"):
            async with connected(f"tls://setup:secret@{LOOPBACK}:{port}"):
                pass
        async with asyncio.timeout(PATIENCE):
            while not came:
                await asyncio.sleep(0.01)
    assert came == [b""]


async def test_a_server_with_tls_is_used_by_whoever_does_not_ask_for_it(
    server_folder: Path, authority: tuple[trustme.CA, Path]
) -> None:
    """The server asks for it then, and has to prove itself all the same."""
    ca, file = authority
    async with tls_server(server_folder / "tls", ca, LOOPBACK) as url:
        async with connect(url.replace("tls://", "nats://"), "test", file) as bus:
            await bus.api("INFO")
        with pytest.raises(LocalError, match=UNTRUSTED):
            async with connected(url.replace("tls://", "nats://")):
                pass


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_file_without_certificates_is_a_wrong_setting(
    start: Start, output: Path, tmp_path: Path, content: str | None
) -> None:
    """Missing or something else: said at once, with exit code 2."""
    file = tmp_path / "wrong.pem"
    if content is not None:
        file.write_text(content)
    process = await start(nats_ca_file=str(file))
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 2
    assert "METARR_NATS_CA_FILE" in output.read_text()
    assert "Traceback" not in output.read_text()
