"""Databases of their own with an owner of each kind that people have, and users beside the owner."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote
from uuid import uuid4

import asyncpg

from metarr_local.embedded_postgres import EmbeddedPostgres
from metarr_local.ports import LOOPBACK
from metarr_projector.roles import quoted
from metarr_projector.schema import migrate

Kind = Literal["superuser", "makes roles", "plain"]
KINDS: tuple[Kind, ...] = ("superuser", "makes roles", "plain")
ATTRIBUTES: dict[Kind, str] = {"superuser": "SUPERUSER", "makes roles": "CREATEROLE", "plain": ""}
PASSWORD = "kept-to-itself"


@dataclass
class Place:
    """A database, its owner, and the names of a writer and a reader, who may be there or not."""

    server: EmbeddedPostgres
    admin: asyncpg.Connection
    """A superuser's connection to this database."""
    name: str
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """The owner's address."""
        return self.url("owner")

    @property
    def writer(self) -> str:
        """The writer's address."""
        return self.url("writer")

    @property
    def reader(self) -> str:
        """The reader's address."""
        return self.url("reader")

    def role(self, user: str) -> str:
        """Roles are the whole server's, so their names are this database's too."""
        return f"{self.name}_{user}"

    def url(self, user: str) -> str:
        """The address of one of the three, or of somebody else."""
        password = quote(self.passwords.get(user, PASSWORD), safe="")
        return f"postgresql://{quote(self.role(user), safe='')}:{password}@{LOOPBACK}:{self.server.port}/{self.name}"

    async def make(self, user: str, attributes: str = "") -> None:
        """Have such a role, made by the server's administrator."""
        await self.admin.execute(f"CREATE ROLE {quoted(self.role(user))} LOGIN PASSWORD '{PASSWORD}' {attributes}")

    async def set_up(self) -> None:
        """What `metarr setup` does with three addresses."""
        await migrate(self.owner, self.writer, self.reader)

    async def make_roles_first(self) -> None:
        """The roles as an administrator makes them for an owner who may not."""
        await self.make("writer")
        await self.make("reader")
        await self.admin.execute(f"GRANT {quoted(self.role('writer'))} TO {quoted(self.role('owner'))}")

    async def owners(self) -> set[str]:
        """To whom the read models belong."""
        found = await self.admin.fetch(
            "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname IN ('live', 'rebuild', 'retired')"
            " UNION SELECT tableowner FROM pg_tables WHERE schemaname IN ('live', 'rebuild', 'retired')"
        )
        return {owner for (owner,) in found}


@contextlib.asynccontextmanager
async def place(server: EmbeddedPostgres, kind: Kind) -> AsyncIterator[Place]:
    """A database with an owner of this kind; it and all its users are gone afterwards."""
    name = f"test_{uuid4().hex[:20]}"
    admin = await asyncpg.connect(await server.create_database(name))
    try:
        made = Place(server, admin, name)
        await made.make("owner", ATTRIBUTES[kind])
        await admin.execute(f"ALTER DATABASE {name} OWNER TO {quoted(made.role('owner'))}")
        yield made
    finally:
        await admin.close()
        await server.drop_database(name)
        admin = await asyncpg.connect(server.url)
        # Who made others is in their list of grants: last made, first removed.
        for (role,) in await admin.fetch("SELECT rolname FROM pg_roles WHERE rolname ^@ $1 ORDER BY oid DESC", name):
            await admin.execute(f"DROP ROLE {quoted(role)}")
        await admin.close()


@contextlib.asynccontextmanager
async def logged_in(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection with this address."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
