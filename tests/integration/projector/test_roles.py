"""Owner, writer and reader: each can do its work, and is refused everything else by the server."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tests.integration.projector.owners import KINDS, PASSWORD, Kind, Place, logged_in, place
from tests.integration.projector.scenes import PATIENCE_SECONDS, Asker, Rows, Stream, projector_here, rebuild

from metarr_chassis.bus import Bus
from metarr_contracts.readmodels import LibraryStats, Query
from metarr_local.embedded_postgres import EmbeddedPostgres
from metarr_projector import schema
from metarr_projector.errors import RoleUnsuitableError
from metarr_projector.schema import REBUILD, migrate, read_models

PAGE = Path(__file__).parents[3] / "docs" / "operations.md"
NOT_FOR_THE_WRITER = (
    "UPDATE control.read_models SET version = 'mine'",
    "DELETE FROM control.read_models",
    "TRUNCATE control.checkpoint",
    "DROP TABLE control.checkpoint",
    "ALTER TABLE control.checkpoint ADD COLUMN mine text",
    "ALTER TABLE control.checkpoint OWNER TO CURRENT_USER",
    "CREATE TABLE control.mine (id bigint)",
    "ALTER SCHEMA control RENAME TO mine",
    "DROP SCHEMA control CASCADE",
    "CREATE TABLE public.mine (id bigint)",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "ALTER ROLE $owner PASSWORD 'mine'",
    "GRANT $owner TO CURRENT_USER",
    "SET ROLE $owner",
    "SET SESSION AUTHORIZATION $owner",
    "ALTER DATABASE $database OWNER TO CURRENT_USER",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT rolpassword FROM pg_authid",
)
NOT_FOR_THE_READER = (
    "INSERT INTO live.schedule (time_zone) VALUES ('UTC')",
    "UPDATE live.library SET enriched = 1",
    "DELETE FROM live.library",
    "TRUNCATE live.library",
    "DROP TABLE live.library",
    "UPDATE control.checkpoint SET seq = 0",
    "DELETE FROM control.checkpoint",
    "UPDATE control.read_models SET version = 'mine'",
    "SELECT * FROM live.library FOR UPDATE",
    "CREATE TABLE live.mine (id bigint)",
    "CREATE TABLE public.mine (id bigint)",
    "CREATE TEMPORARY TABLE mine (id bigint)",
    "CREATE SCHEMA mine",
    "ALTER SCHEMA live RENAME TO mine",
    "DROP SCHEMA live CASCADE",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "GRANT $writer TO CURRENT_USER",
    "SET ROLE $writer",
    "SET ROLE $owner",
    "COPY live.library TO PROGRAM 'cat'",
    "SELECT rolpassword FROM pg_authid",
)
NOT_FOR_OTHERS = (
    "SELECT * FROM live.movie",
    "SELECT * FROM control.checkpoint",
    "CREATE SCHEMA mine",
    "CREATE TABLE public.mine (id bigint)",
    "CREATE TEMPORARY TABLE mine (id bigint)",
)


@pytest.fixture
async def superusers_place(postgres_server: EmbeddedPostgres) -> AsyncIterator[Place]:
    """A database whose owner may do everything, as the embedded one's and that of a container."""
    async with place(postgres_server, "superuser") as made:
        yield made


@pytest.fixture
async def three(superusers_place: Place) -> Place:
    """A database that is set up, with a writer and a reader."""
    await superusers_place.set_up()
    return superusers_place


@contextlib.asynccontextmanager
async def owned_by(server: EmbeddedPostgres, kind: Kind) -> AsyncIterator[Place]:
    """A database of such an owner, with the roles made before where the owner may not."""
    async with place(server, kind) as made:
        if kind == "plain":
            await made.make_roles_first()
        yield made


async def _refused(connection: asyncpg.Connection, where: Place, statements: tuple[str, ...]) -> None:
    for statement in statements:
        said = statement.replace("$database", where.name)
        for user in ("owner", "writer"):
            said = said.replace(f"${user}", where.role(user))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(said)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_projector_with_writer_and_reader(
    postgres_server: EmbeddedPostgres, kind: Kind, nats_url: str, bus: Bus, stream: Stream, ask: Asker
) -> None:
    """Given an empty database, it projects, answers, rebuilds; the reader reads what came by the switch; and again."""
    async with owned_by(postgres_server, kind) as made:
        await made.set_up()
        assert await made.owners() == {made.role("writer")}
        rows = Rows(made.admin)
        async with projector_here(nats_url, made.writer, made.reader) as running:
            await running.until(ready=True)
            last = await stream.tell_history(100)
            assert (await ask("library.stats", LibraryStats, Query(after=last))).total == len(stream.library.fields)
            before = await rows.dump()
            for _ in range(2):
                await rebuild(bus)
                assert await rows.dump() == before
                last = await stream.tell_history(20)
                assert (await ask("library.stats", LibraryStats, Query(after=last))).total == len(stream.library.fields)
                before = await rows.dump()
        assert await made.owners() == {made.role("writer")}
        await made.set_up()
        assert await rows.dump() == before


@pytest.mark.parametrize("kind", KINDS)
async def test_tables_of_one_owner_are_handed_over(
    postgres_server: EmbeddedPostgres, kind: Kind, nats_url: str, stream: Stream, ask: Asker
) -> None:
    """Given tables of the owner and its projector at work, setup loses no row, and that projector goes on."""
    async with owned_by(postgres_server, kind) as made:
        await migrate(made.owner)
        rows = Rows(made.admin)
        async with projector_here(nats_url, made.owner) as before:
            await before.until(ready=True)
            await rows.reach(await stream.tell_history(100))
            rows_before = await rows.dump()
            # The old version may be at a rebuild.
            await made.admin.execute(f"SET ROLE {made.role('owner')}")
            await made.admin.execute(read_models(REBUILD))
            await made.admin.execute("RESET ROLE")
            await made.set_up()
            assert await made.owners() == {made.role("writer")}
            assert await rows.dump() == rows_before
            await rows.reach(await stream.tell_history(20))
            async with projector_here(nats_url, made.writer, made.reader) as after:
                await after.until(ready=True)
                last = await stream.tell_history(20)
                await rows.reach(last)
        async with projector_here(nats_url, made.writer, made.reader) as after:
            await after.until(ready=True)
            last = await stream.tell_history(20)
            assert (await ask("library.stats", LibraryStats, Query(after=last))).total == len(stream.library.fields)


async def test_rows_are_handed_over_while_they_are_written_and_read(
    superusers_place: Place, nats_url: str, stream: Stream, ask: Asker
) -> None:
    """Setup waits for its turn: no batch and no question fails for it."""
    made = superusers_place
    await migrate(made.owner)
    async with projector_here(nats_url, made.owner) as running:
        await running.until(ready=True)
        telling = asyncio.create_task(stream.tell_history(3_000))
        asking = asyncio.gather(*(_ask_on(ask, 25) for _ in range(8)))
        await made.set_up()
        await asking
        await Rows(made.admin).reach(await telling)
        assert not running.readiness.problems()
    assert await made.owners() == {made.role("writer")}


async def _ask_on(ask: Asker, times: int) -> None:
    for _ in range(times):
        await ask("library.stats", LibraryStats)


async def test_what_a_writer_is_refused(three: Place) -> None:
    """It has the read models and the checkpoint's row, and nothing of the rest of the server."""
    async with logged_in(three.writer) as connection:
        await _refused(connection, three, NOT_FOR_THE_WRITER)
        await connection.execute("UPDATE control.checkpoint SET notified_seq = 0")


async def test_what_a_reader_is_refused(three: Place) -> None:
    """It reads; who lifts the reader's own lock finds that it had no right to anything else."""
    async with logged_in(three.reader) as connection:
        assert await connection.fetchval("SELECT count(*) FROM live.movie") == 0
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute("CREATE TEMPORARY TABLE mine (id bigint)")
        await connection.execute("SET default_transaction_read_only = off")
        await _refused(connection, three, NOT_FOR_THE_READER)


async def test_what_others_are_refused(superusers_place: Place) -> None:
    """Given a database in which everybody may make things, as old ones are, setup takes that from them."""
    made = superusers_place
    await made.admin.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    await made.admin.execute(f"GRANT CREATE ON DATABASE {made.name} TO PUBLIC")
    await made.make("somebody")
    await made.set_up()
    async with logged_in(made.url("somebody")) as connection:
        await _refused(connection, made, NOT_FOR_OTHERS)


async def test_the_reader_reads_what_is_made_later(three: Place) -> None:
    """A schema that the writer makes, as a rebuild does, needs no further grant, under whatever name."""
    async with logged_in(three.writer) as writer, logged_in(three.reader) as reader:
        await writer.execute(read_models(REBUILD))
        await writer.execute("ALTER SCHEMA live RENAME TO retired; ALTER SCHEMA rebuild RENAME TO live")
        assert await reader.fetchval("SELECT count(*) FROM live.library") == 1
        assert await reader.fetchval("SELECT count(*) FROM retired.library") == 1


async def test_a_version_with_other_tables(three: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are made anew as the writer's, and the reader reads them."""
    monkeypatch.setattr(schema, "VERSION", "newer")
    await three.set_up()
    assert await three.owners() == {three.role("writer")}
    async with logged_in(three.reader) as reader:
        assert await reader.fetchval("SELECT count(*) FROM live.library") == 1
        assert await reader.fetchval("SELECT version FROM control.read_models") == "newer"


@pytest.mark.parametrize("only", ["writer", "reader"])
async def test_one_of_the_two(superusers_place: Place, only: str, nats_url: str, stream: Stream, ask: Asker) -> None:
    """For the one that is not given the other, or the owner, does its work."""
    made = superusers_place
    writer, reader = (made.writer, None) if only == "writer" else (None, made.reader)
    await migrate(made.owner, writer, reader)
    async with projector_here(nats_url, writer or made.owner, reader) as running:
        await running.until(ready=True)
        last = await stream.tell_history(50)
        assert (await ask("library.stats", LibraryStats, Query(after=last))).total == len(stream.library.fields)


@pytest.mark.parametrize("kind", KINDS)
async def test_setups_at_the_same_time(postgres_server: EmbeddedPostgres, kind: Kind) -> None:
    """All of them succeed, and it can be repeated."""
    async with owned_by(postgres_server, kind) as made:
        await asyncio.gather(*(made.set_up() for _ in range(4)))
        await made.set_up()
        assert await made.owners() == {made.role("writer")}


async def test_setups_of_two_databases_with_the_same_roles(superusers_place: Place) -> None:
    """Roles are the whole server's: whoever comes second goes on with what the first one made."""
    made = superusers_place
    other = f"{made.name}_other"
    await made.admin.execute(f"CREATE DATABASE {other}")
    try:
        urls = [
            [url.removesuffix(f"/{made.name}") + f"/{name}" for url in (made.owner, made.writer, made.reader)]
            for name in (made.name, other)
        ]
        await asyncio.gather(*(migrate(*addresses) for addresses in urls * 3))
    finally:
        await made.admin.execute(f"DROP DATABASE {other} WITH (FORCE)")


@pytest.mark.parametrize("kind", ["superuser", "makes roles"])
async def test_another_password(postgres_server: EmbeddedPostgres, kind: Kind, shared_folder: Path) -> None:
    """Setup sets it, whatever is in it; the one before is refused; a log of all statements shows neither."""
    async with place(postgres_server, kind) as made:
        await made.admin.execute(f"ALTER DATABASE {made.name} SET log_statement = 'all'")
        await made.set_up()
        before = made.writer, made.reader
        made.passwords |= {"writer": 'it\'s 50 % \u00e4 \u2163 \\ "new"', "reader": "and\u00a0another"}
        await made.set_up()
        for url in (made.writer, made.reader):
            async with logged_in(url) as connection:
                await connection.execute("SELECT 1")
        for url in before:
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(url)
        log = (shared_folder / "postgres" / "postgres.log").read_text(encoding="utf-8", errors="replace")
        assert f'ALTER ROLE "{made.role("writer")}" LOGIN PASSWORD \'SCRAM-SHA-256$' in log
        assert PASSWORD not in log.replace(f"LOGIN PASSWORD '{PASSWORD}'", "")
        assert not any(password in log for password in made.passwords.values())


async def test_odd_names(superusers_place: Place) -> None:
    """A role may be called anything."""
    made = superusers_place
    writer = made.url('wri"ter; DROP\u00c4 --')
    await migrate(made.owner, writer, made.url("Reader 'x' %41"))
    async with logged_in(writer) as connection:
        assert await connection.fetchval("SELECT current_user") == made.role('wri"ter; DROP\u00c4 --')
        await connection.execute("UPDATE live.library SET enriched = 1")


async def test_an_owner_who_may_not_make_roles_is_told_what_to_do(postgres_server: EmbeddedPostgres) -> None:
    """First that a role is missing, then that the owner has to be its member; done as told, setup only grants."""
    async with place(postgres_server, "plain") as made:
        for user in ("writer", "reader"):
            with pytest.raises(RoleUnsuitableError, match=f'There is no role "{made.role(user)}"') as missing:
                await (made.set_up() if user == "writer" else migrate(made.owner, None, made.reader))
            assert f"CREATE ROLE \"{made.role(user)}\" LOGIN PASSWORD '...'" in str(missing.value)
            assert PASSWORD not in str(missing.value)
            await made.make(user)
        with pytest.raises(RoleUnsuitableError) as no_member:
            await made.set_up()
        said = str(no_member.value)
        assert said.startswith(f'The role "{made.role("owner")}" has to be a member of "{made.role("writer")}"')
        await made.admin.execute(said.partition("As a superuser: ")[2])
        made.passwords["writer"] = "not set by us"
        await made.set_up()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(made.writer)


async def test_what_the_operations_page_tells_an_administrator(postgres_server: EmbeddedPostgres) -> None:
    """Given an owner who may not make roles, these statements are enough for setup."""
    statements = re.findall(r"^    ((?:CREATE ROLE|GRANT) .*;)$", PAGE.read_text(), re.MULTILINE)
    assert len(statements) == 3
    async with place(postgres_server, "plain") as made:
        for statement in statements:
            named = re.sub("metarr_(writer|reader)", lambda found: made.role(found[1]), statement)
            await made.admin.execute(named.replace("TO metarr;", f"TO {made.role('owner')};"))
        made.passwords |= {"writer": "one", "reader": "another"}
        await made.set_up()
        async with logged_in(made.writer) as writer, logged_in(made.reader) as reader:
            await writer.execute("UPDATE live.library SET enriched = 1")
            assert await reader.fetchval("SELECT enriched FROM live.library") == 1


async def test_a_database_of_somebody_else(postgres_server: EmbeddedPostgres) -> None:
    """Given an owner of nothing but the right to make schemas, the missing grant is named, and is enough."""
    async with place(postgres_server, "makes roles") as made:
        await made.admin.execute(f"ALTER DATABASE {made.name} OWNER TO CURRENT_USER")
        await made.admin.execute(f"GRANT CREATE ON DATABASE {made.name} TO {made.role('owner')}")
        await made.make_roles_first()
        with pytest.raises(RoleUnsuitableError, match="may not make schemas") as refused:
            await made.set_up()
        await made.admin.execute(str(refused.value).partition("As the owner of the database: ")[2])
        await made.set_up()
        assert await made.owners() == {made.role("writer")}


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ("SUPERUSER", "is a superuser"),
        ("CREATEROLE", "may make roles"),
        ("CREATEDB", "may make databases"),
        ("IN ROLE $owner", "is a member of the owner"),
    ],
)
@pytest.mark.parametrize("user", ["writer", "reader"])
async def test_a_role_that_may_too_much(superusers_place: Place, user: str, attributes: str, why: str) -> None:
    """It is refused with the reason, and nothing is set up."""
    made = superusers_place
    await made.make(user, attributes.replace("$owner", made.role("owner")))
    with pytest.raises(RoleUnsuitableError, match=f'The role "{made.role(user)}" {why}'):
        await made.set_up()
    assert await made.owners() == set()


async def test_a_role_that_was_granted_too_much(three: Place) -> None:
    """What somebody granted beside us is found."""
    await three.admin.execute(f"GRANT UPDATE ON live.movie TO {three.role('reader')}")
    with pytest.raises(RoleUnsuitableError, match=r"may write into live\.movie"):
        await three.set_up()
    await three.admin.execute(f"REVOKE UPDATE ON live.movie FROM {three.role('reader')}")
    await three.admin.execute(f"GRANT UPDATE ON control.read_models TO {three.role('writer')}")
    with pytest.raises(RoleUnsuitableError, match=r"may write into control\.read_models"):
        await three.set_up()


async def test_one_user_in_two_parts(superusers_place: Place) -> None:
    """Two addresses of the same user are a mistake."""
    made = superusers_place
    for addresses in ((made.owner, made.owner), (made.owner, made.writer, made.writer)):
        with pytest.raises(RoleUnsuitableError, match="give each a user of its own"):
            await migrate(*addresses)


async def test_a_projector_whose_user_was_given_nothing(three: Place, nats_url: str, bus: Bus) -> None:
    """It says what to do, and begins as soon as it was done."""
    del bus  # the bus is set up
    await three.make("somebody")
    async with projector_here(nats_url, three.url("somebody"), three.reader) as running:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "METARR_DATABASE_WRITER_URL" not in running.readiness.problems().get("projector", ""):
                await asyncio.sleep(0.02)
        await migrate(three.owner, three.url("somebody"), three.reader)
        await running.until(ready=True)


async def test_a_projector_of_before_makes_tables_after_setup(three: Place, nats_url: str, bus: Bus) -> None:
    """Given tables that are the owner's again, the writer's projector asks for setup, which hands them over."""
    del bus  # the bus is set up
    owner = three.role("owner")
    await three.admin.execute(f"ALTER SCHEMA live OWNER TO {owner}")
    async with projector_here(nats_url, three.writer, three.reader) as running:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "metarr setup" not in running.readiness.problems().get("projector", ""):
                await asyncio.sleep(0.02)
        await three.set_up()
        await running.until(ready=True)
