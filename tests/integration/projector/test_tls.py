"""TLS to PostgreSQL, by what the address says: the server is verified, and one that cannot be is not spoken to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import trustme
from tests.integration.projector.owners import logged_in
from tests.integration.projector.scenes import PATIENCE_SECONDS, Asker, Stream, projector_here, rebuild
from tests.integration.projector.tls_front import Front, tls_before

from metarr_chassis.bus import Bus
from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.readmodels import LibraryStats, Query
from metarr_local.embedded_postgres import READER, USER, WRITER, EmbeddedPostgres
from metarr_local.errors import LocalError
from metarr_local.ports import LOOPBACK
from metarr_local.setup_step import set_up
from metarr_projector.schema import migrate

PASSWORD = "kept-to-itself"


@dataclass
class Tls:
    """A server that lets nobody in without TLS."""

    front: Front
    plain: tuple[str, str, str]
    """The addresses of owner, writer and reader without TLS."""
    folder: Path

    def urls(self, mode: str, authority: str = "right", host: str = LOOPBACK) -> tuple[str, str, str]:
        """The addresses of owner, writer and reader, with this kind of TLS and this authority."""
        tls = f"sslmode={mode}&sslrootcert={self.folder / authority}.pem"
        place = f"@{host}:{self.front.port}/"
        owner, writer, reader = (
            urlsplit(url)._replace(query=tls).geturl().replace(f"@{urlsplit(url).netloc.rpartition('@')[2]}/", place)
            for url in self.plain
        )
        return owner, writer, reader


@pytest.fixture
async def tls(server_folder: Path) -> AsyncIterator[Tls]:
    """A server with a certificate for 127.0.0.1, and the certificates of its authority and of another one."""
    right, wrong = trustme.CA(), trustme.CA()
    for name, authority in (("right", right), ("wrong", wrong)):
        authority.cert_pem.write_to_path(str(server_folder / f"{name}.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    right.issue_cert(LOOPBACK).configure_cert(context)
    async with EmbeddedPostgres(server_folder / "postgres") as server, tls_before(server.port, context) as front:
        plain = server.url, server.url_of(WRITER, PASSWORD), server.url_of(READER, PASSWORD)
        yield Tls(front, plain, server_folder)


async def test_setup_and_projector_by_tls(tls: Tls, nats_url: str, bus: Bus, stream: Stream, ask: Asker) -> None:
    """With the authority's certificate all three users connect, and nobody without TLS."""
    urls = tls.urls("verify-full")
    await set_up(nats_url, *urls, demo=False)
    async with projector_here(nats_url, *urls[1:]) as running, logged_in(tls.plain[0]) as owner:
        await running.until(ready=True)
        last = await stream.tell_history(50)
        assert (await ask("library.stats", LibraryStats, Query(after=last))).total == len(stream.library.fields)
        await rebuild(bus)
        users = await owner.fetch(
            "SELECT usename FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        assert {user for (user,) in users} == {USER, WRITER, READER}
        # All of them, but for the connection that looks; and setup's before.
        assert tls.front.encrypted >= len(users)


@pytest.mark.parametrize("mode", ["verify-full", "verify-ca"])
async def test_another_authority(tls: Tls, nats_url: str, mode: str) -> None:
    """Setup refuses the server, and says why in a line without the password."""
    urls = tls.urls(mode, "wrong")
    with pytest.raises(LocalError, match="certificate verify failed") as refused:
        await set_up(nats_url, *urls, demo=False)
    said = str(refused.value)
    assert said.startswith("The database could not be set up: ")
    assert "\n" not in said
    for url in urls:
        assert url.split(":")[2].partition("@")[0] not in said


async def test_another_name(tls: Tls) -> None:
    """A server with somebody else's certificate is refused by verify-full."""
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for 'localhost'"):
        await migrate(*tls.urls("verify-full", host="localhost"))
    await migrate(*tls.urls("verify-ca", host="localhost"))


async def test_a_projector_that_trusts_another_authority(tls: Tls, nats_url: str, bus: Bus) -> None:
    """It is not ready, and `/readyz` says why; questions are answered with the error of a database that is away."""
    await migrate(*tls.urls("verify-full"))
    _, writer, reader = tls.urls("verify-full", "wrong")
    async with projector_here(nats_url, writer, reader) as running:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "certificate verify failed" not in running.readiness.problems().get("projector", ""):
                await asyncio.sleep(0.02)
        assert PASSWORD not in str(running.readiness.problems())
        with pytest.raises(RefusedError, match="Database error"):
            await bus.request(subjects.query("library.stats"), timeout=PATIENCE_SECONDS)


async def test_without_tls(tls: Tls) -> None:
    """The server of this test refuses it, so the tests before did not connect without."""
    owner, *_ = tls.urls("disable")
    with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await migrate(owner)
    assert tls.front.encrypted == 0
