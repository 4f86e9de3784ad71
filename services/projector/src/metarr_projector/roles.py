"""The roles beside the owner: the writer has the read models and moves the checkpoint, the reader reads.

The owner is a member of the writer, so it can make and hand over what belongs to the writer. Where it may it makes both
roles and sets their passwords; else they have to be there. It gives them their rights in either case. Everything here
may be repeated.
"""

import secrets
from collections.abc import Iterator

import asyncpg

from metarr_projector.database_address import Login
from metarr_projector.errors import RoleUnsuitableError
from metarr_projector.password_verifier import SALT_BYTES, verifier

ROLE = """SELECT rolcanlogin, array_remove(ARRAY[
    CASE WHEN rolsuper THEN 'is a superuser' END,
    CASE WHEN rolcreaterole THEN 'may make roles' END,
    CASE WHEN rolcreatedb THEN 'may make databases' END,
    CASE WHEN rolreplication THEN 'may replicate' END,
    CASE WHEN rolname <> current_user AND NOT rolsuper AND pg_has_role(oid, current_user, 'MEMBER')
        THEN 'is a member of the owner' END
], NULL) AS too_much FROM pg_roles WHERE rolname = $1"""
MAY_MAKE = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
# Since PostgreSQL 16 who may make roles may change those alone that it made.
MAY_CHANGE = """SELECT rolsuper OR (rolcreaterole AND (current_setting('server_version_num')::integer < 160000
    OR pg_has_role(current_user, $1::name, 'MEMBER WITH ADMIN OPTION'))) FROM pg_roles WHERE rolname = current_user"""
IS_MEMBER = "SELECT pg_has_role(current_user, $1::name, 'USAGE')"
OWNS_DATABASE = """SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database
    WHERE datname = current_database()"""
OPEN_SCHEMAS = """SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND pg_has_role(nspowner, 'USAGE')
    AND EXISTS (SELECT FROM aclexplode(nspacl) WHERE grantee = 0 AND privilege_type = 'CREATE')"""
MAY_MAKE_SCHEMAS = """SELECT has_database_privilege($1::name, current_database(), 'CREATE')
    AND has_database_privilege($1::name, current_database(), 'TEMPORARY')"""
SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname = ANY($1) ORDER BY 1"
OTHERS_RELATIONS = """SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relkind = 'r' AND pg_get_userbyid(c.relowner) <> $2 ORDER BY 1"""
OTHERS_SCHEMAS = """SELECT nspname FROM pg_namespace
    WHERE nspname = ANY($1) AND pg_get_userbyid(nspowner) <> $2 ORDER BY 1"""
WRITABLE = """SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n
    ON n.oid = c.relnamespace WHERE n.nspname = ANY($2) AND c.relkind = 'r' AND c.relname <> ALL($3)
    AND has_table_privilege($1::name, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') ORDER BY 1 LIMIT 1"""


def quoted(name: str) -> str:
    """A name as it stands in a statement, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


async def ensure_role(connection: asyncpg.Connection, login: Login, *, read_only: bool) -> None:
    """Have a role that can log in with this password, as far as that is for us to see to; and no more than that.

    Raises:
        RoleUnsuitableError: it is not there and we may not make it, or it may do more than is good.
    """
    role = await connection.fetchrow(ROLE, login.user)
    if role is None and not await connection.fetchval(MAY_MAKE):
        raise RoleUnsuitableError(
            f'There is no role "{login.user}", and "{await _user(connection)}" may not make it. As a superuser:'
            f" CREATE ROLE {quoted(login.user)} LOGIN PASSWORD '...'"
        )
    if role is None:
        await connection.execute(f"CREATE ROLE {quoted(login.user)}")
    elif role["too_much"]:
        raise RoleUnsuitableError(
            f'The role "{login.user}" {" and ".join(role["too_much"])}: it needs to be a lesser one'
        )
    if await connection.fetchval(MAY_CHANGE, login.user):
        for statement in _attributes(login, read_only=read_only):
            await connection.execute(statement)
    elif role is not None and not role["rolcanlogin"]:
        raise RoleUnsuitableError(
            f'The role "{login.user}" may not log in. As a superuser: ALTER ROLE {quoted(login.user)} LOGIN'
        )


def _attributes(login: Login, *, read_only: bool) -> Iterator[str]:
    password = f" PASSWORD '{verifier(login.password, secrets.token_bytes(SALT_BYTES))}'" if login.password else ""
    yield f"ALTER ROLE {quoted(login.user)} LOGIN{password}"
    if read_only:
        yield f"ALTER ROLE {quoted(login.user)} SET default_transaction_read_only = on"


async def join(connection: asyncpg.Connection, writer: str) -> None:
    """Be a member of the writer.

    Raises:
        RoleUnsuitableError: we are not, and may not make ourselves one.
    """
    if await connection.fetchval(IS_MEMBER, writer):
        return
    if not await connection.fetchval(MAY_CHANGE, writer):
        owner = await _user(connection)
        raise RoleUnsuitableError(
            f'The role "{owner}" has to be a member of "{writer}", whose tables it makes. As a superuser:'
            f" GRANT {quoted(writer)} TO {quoted(owner)}"
        )
    await connection.execute(f"GRANT {quoted(writer)} TO CURRENT_USER")


async def close_to_public(connection: asyncpg.Connection) -> None:
    """Take from everybody the right to make something in this database, where it is ours to take."""
    if await connection.fetchval(OWNS_DATABASE):
        await connection.execute(f"REVOKE CREATE, TEMPORARY ON DATABASE {await _database(connection)} FROM PUBLIC")
    for (schema,) in await connection.fetch(OPEN_SCHEMAS):
        await connection.execute(f"REVOKE CREATE ON SCHEMA {quoted(schema)} FROM PUBLIC")


async def let_write(connection: asyncpg.Connection, writer: str) -> None:
    """Let the writer make schemas, which a rebuild does, and move the checkpoint.

    Raises:
        RoleUnsuitableError: the database belongs to somebody else, who has not allowed the former.
    """
    role, database = quoted(writer), await _database(connection)
    grant = f"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO {role}"
    if await connection.fetchval(OWNS_DATABASE):
        await connection.execute(grant)
    elif not await connection.fetchval(MAY_MAKE_SCHEMAS, writer):
        raise RoleUnsuitableError(f'The role "{writer}" may not make schemas. As the owner of the database: {grant}')
    await connection.execute(f"GRANT USAGE ON SCHEMA control TO {role}")
    await connection.execute(f"GRANT SELECT ON control.read_models TO {role}")
    await connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON control.checkpoint TO {role}")


async def let_read(connection: asyncpg.Connection, reader: str, writer: str, schemas: tuple[str, ...]) -> None:
    """Let the reader read the checkpoint and the read models, those too that the writer makes later."""
    role, maker = quoted(reader), quoted(writer)
    if await connection.fetchval(OWNS_DATABASE):
        await connection.execute(f"GRANT CONNECT ON DATABASE {await _database(connection)} TO {role}")
    await connection.execute(f"ALTER DEFAULT PRIVILEGES FOR ROLE {maker} GRANT USAGE ON SCHEMAS TO {role}")
    await connection.execute(f"ALTER DEFAULT PRIVILEGES FOR ROLE {maker} GRANT SELECT ON TABLES TO {role}")
    for (schema,) in await connection.fetch(SCHEMAS, ["control", *schemas]):
        await connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        await connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}")


async def hand_over(connection: asyncpg.Connection, writer: str, schemas: tuple[str, ...]) -> None:
    """Make the writer the owner of read models that belong to somebody else."""
    for (schema,) in await connection.fetch(OTHERS_SCHEMAS, schemas, writer):
        await connection.execute(f"ALTER SCHEMA {schema} OWNER TO {quoted(writer)}")
    for schema in schemas:
        for (table,) in await connection.fetch(OTHERS_RELATIONS, schema, writer):
            await connection.execute(f"ALTER TABLE {schema}.{quoted(table)} OWNER TO {quoted(writer)}")


async def require_limits(
    connection: asyncpg.Connection, role: str, schemas: tuple[str, ...], but: tuple[str, ...] = ()
) -> None:
    """Refuse a role that may write into one of these schemas, but for the tables of these names.

    Raises:
        RoleUnsuitableError: it may, by what somebody has granted it.
    """
    if table := await connection.fetchval(WRITABLE, role, schemas, but):
        raise RoleUnsuitableError(f'The role "{role}" may write into {table}: it needs to be a lesser one')


async def _user(connection: asyncpg.Connection) -> str:
    return str(await connection.fetchval("SELECT current_user"))


async def _database(connection: asyncpg.Connection) -> str:
    return quoted(await connection.fetchval("SELECT current_database()"))
