"""Secrets that are planted, and the search for them in whatever comes out of a system."""

import asyncio
import re
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

import asyncpg

from metarr_contracts.permissions import UserName
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import DATABASE, EmbeddedPostgres
from metarr_local.ports import LOOPBACK

PIECE = 12
"""Characters of a secret that nobody may see in a row; messages are cut, and so may be what is in them."""
USER = "planted_user"


def made_up() -> str:
    """A secret with characters that addresses, JSON and templates write in other ways, long enough to be unique."""
    return f"{secrets.token_urlsafe(12)}/+{secrets.token_urlsafe(9)}%&= {secrets.token_urlsafe(9)}"


def forms(secret: str) -> set[bytes]:
    """How a secret may be written: as it is, in an address, in JSON, and in base64 at any place of a longer text."""
    texts = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), secret.replace("/", r"\/")}
    packed = (pack(b"x" * before + secret.encode()) for before in range(3) for pack in (b64encode, urlsafe_b64encode))
    # The first and the last four depend on the neighbours.
    return {*(text.encode() for text in texts), *(text[4:-4] for text in packed)}


def pieces(secret: str) -> Iterator[bytes]:
    """Parts of which each long enough piece of the secret holds one, in every form."""
    for form in forms(secret):
        yield from (form[start : start + PIECE] for start in range(0, len(form) - PIECE + 1, PIECE))


def leaks(planted: Mapping[str, str], seen: Mapping[str, bytes]) -> list[str]:
    """Where which secret is to be seen, with what stands around it."""
    found = []
    for name, secret in planted.items():
        pattern = re.compile(b"|".join(map(re.escape, set(pieces(secret)))))
        for place, output in seen.items():
            if hit := pattern.search(output):
                around = output[max(0, hit.start() - 120) : hit.end() + 60]
                found.append(f"{name} in {place}: {around!r}")
    return found


def files(name: str, folder: Path) -> dict[str, bytes]:
    """What is in all files of a folder."""
    return {f"{name} {path.relative_to(folder)}": path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def command_lines() -> dict[str, bytes]:
    """The arguments of all processes of this machine: everybody may see them."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found[f"arguments of process {path.parent.name}"] = path.read_bytes()
        except OSError:  # it has just ended
            continue
    return found


async def rows(database_url: str) -> dict[str, bytes]:
    """Every row of every table, and what the server knows of its clients."""
    connection = await asyncpg.connect(database_url)
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_schema <> 'information_schema' AND (table_schema <> 'pg_catalog'"
            " OR table_name IN ('pg_stat_activity', 'pg_settings'))"
        )
        return {
            f"rows of {table}": "\n".join(
                row
                for (row,) in await connection.fetch(f"SELECT t::text FROM {table} t")  # noqa: S608 (names of tables)
            ).encode()
            for (table,) in tables
        }
    finally:
        await connection.close()


class NatsWithPassword(EmbeddedNats):
    """A server that lets nobody in without a password; its settings have to name the user (`with_user`)."""

    password = ""

    def url_of(self, user: UserName) -> str:
        """Where clients connect, all with the one user and its password."""
        del user
        return self.address(self.password)

    def address(self, password: str) -> str:
        """The address with this password."""
        return f"nats://{USER}:{quote(password, safe='')}@{LOOPBACK}:{self.port}"


class PostgresWithPassword(EmbeddedPostgres):
    """A server with a second user."""

    password = ""

    def address(self, password: str) -> str:
        """The address with this password."""
        return f"postgresql://{USER}:{quote(password, safe='')}@{LOOPBACK}:{self.port}/{DATABASE}"

    async def start(self) -> None:
        """Start it and make the user."""
        await super().start()
        connection = await asyncpg.connect(self.url)
        try:
            quoted = await connection.fetchval("SELECT quote_literal($1)", self.password)
            await connection.execute(f"CREATE ROLE {USER} SUPERUSER LOGIN PASSWORD {quoted}")
        finally:
            await connection.close()


async def said_by(*command: str, environment: Mapping[str, str], until: str = "") -> bytes:
    """What a process says, up to its end or to this text."""
    process = await asyncio.create_subprocess_exec(
        *command, env=dict(environment), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    said = b""
    async with asyncio.timeout(120):
        while chunk := await process.stdout.read(1 << 16):
            said += chunk
            if until and until.encode() in said:
                process.kill()
                break
        said += await process.stdout.read()
        await process.wait()
    assert until.encode() in said, said
    return said
