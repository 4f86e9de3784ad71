"""The tables: `control` (checkpoint, version) and the read models; `live` is in use, `rebuild` may be in the making.

No extension, no ICU, no column filled by a clock or a serial: the same events leave the same rows. `setup` calls
`migrate`; read models are not migrated but made anew, empty, and filled from the events by the projector. Where there
is a writer they belong to it; `control` is the owner's, so what setup has said about the tables stays true.
"""

import hashlib
from typing import get_args

import asyncpg

from metarr_contracts.fields import TRACKED
from metarr_contracts.movie import Band
from metarr_projector import roles
from metarr_projector.database_address import Login, login
from metarr_projector.errors import DatabaseUnsuitableError, RoleUnsuitableError, SchemaMissingError

LIVE = "live"
REBUILD = "rebuild"
RETIRED = "retired"
SCHEMAS = (LIVE, REBUILD, RETIRED)
FOLD_VERSION = 2
"""Raise it when the same events leave other rows than before in the same tables."""

CONTROL = """
CREATE SCHEMA IF NOT EXISTS control;
CREATE TABLE IF NOT EXISTS control.read_models (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version text NOT NULL
);
CREATE TABLE IF NOT EXISTS control.checkpoint (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    stream text NOT NULL,
    seq bigint NOT NULL,
    event_id text NOT NULL,
    notified_seq bigint NOT NULL
);
COMMENT ON COLUMN control.checkpoint.stream IS 'When the stream was created: tells two streams of one name apart';
COMMENT ON COLUMN control.checkpoint.event_id IS 'Id of the event at seq';
COMMENT ON COLUMN control.checkpoint.notified_seq IS 'Notes on events up to here have been sent';
"""

READ_MODELS = """
CREATE SCHEMA $schema;
CREATE TABLE $schema.movie (
    id bigint PRIMARY KEY,
    given_title text,
    given_sort_title text COLLATE "C",
    given_year integer,
    found_title text,
    found_sort_title text COLLATE "C",
    found_year integer,
    title text GENERATED ALWAYS AS (coalesce(given_title, found_title)) STORED,
    sort_title text COLLATE "C" GENERATED ALWAYS AS (coalesce(given_sort_title, found_sort_title)) STORED,
    year integer GENERATED ALWAYS AS (coalesce(given_year, found_year)) STORED,
    imdb_id text,
    tmdb_id bigint,
    searched boolean NOT NULL,
    completeness smallint NOT NULL,
    partial boolean NOT NULL,
    limited text[] NOT NULL,
    missing text[] NOT NULL,
    has_poster boolean NOT NULL,
    last_enriched timestamptz,
    added_at timestamptz NOT NULL
);
CREATE INDEX movie_by_title ON $schema.movie (sort_title, id);
CREATE INDEX movie_by_year ON $schema.movie (year, id);
CREATE INDEX movie_by_completeness ON $schema.movie (completeness, id);
CREATE INDEX movie_by_last_enriched ON $schema.movie (last_enriched, id);
CREATE INDEX movie_by_added ON $schema.movie (added_at, id);
CREATE INDEX movie_limited ON $schema.movie (sort_title, id) WHERE limited <> '{}';
CREATE INDEX movie_unidentified ON $schema.movie (sort_title, id)
    WHERE searched AND tmdb_id IS NULL AND imdb_id IS NULL;

CREATE TABLE $schema.movie_words (
    movie_id bigint PRIMARY KEY,
    given tsvector,
    found tsvector,
    words tsvector GENERATED ALWAYS AS (coalesce(given, found)) STORED
);
CREATE INDEX movie_words_by_word ON $schema.movie_words USING gin (words);

CREATE TABLE $schema.movie_detail (
    movie_id bigint PRIMARY KEY,
    fields jsonb NOT NULL,
    missing jsonb NOT NULL,
    providers jsonb NOT NULL,
    candidates jsonb NOT NULL,
    locked text[] NOT NULL,
    duration double precision,
    last_job jsonb
);

CREATE TABLE $schema.library (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    enriched bigint NOT NULL,
    partial bigint NOT NULL,
    unenriched bigint NOT NULL,
    completeness bigint NOT NULL
);
INSERT INTO $schema.library (enriched, partial, unenriched, completeness) VALUES (0, 0, 0, 0);

CREATE TABLE $schema.library_missing (
    field text,
    band text,
    films bigint NOT NULL,
    PRIMARY KEY (field, band)
);
COMMENT ON TABLE $schema.library_missing IS 'How many films of each band lack each field that counts';
INSERT INTO $schema.library_missing (field, band, films)
SELECT field, band, 0 FROM unnest('{$fields}'::text[]) AS field, unnest('{$bands}'::text[]) AS band;

CREATE TABLE $schema.job (
    job_id bigint PRIMARY KEY,
    kind text NOT NULL,
    movie_id bigint,
    state text NOT NULL,
    progress smallint NOT NULL,
    started_at timestamptz,
    completed_at timestamptz,
    error text,
    code text,
    processed integer,
    total integer,
    counts jsonb
);

CREATE TABLE $schema.import_row (
    job_id bigint,
    row integer,
    noted jsonb NOT NULL,
    PRIMARY KEY (job_id, row)
);

CREATE TABLE $schema.run (
    job_id bigint PRIMARY KEY,
    activity_id bigint NOT NULL,
    seq bigint NOT NULL,
    status text NOT NULL,
    trigger text NOT NULL,
    force boolean NOT NULL,
    scheduled_for timestamptz,
    started_at timestamptz NOT NULL,
    completed_at timestamptz,
    total integer NOT NULL,
    processed integer NOT NULL,
    skipped integer NOT NULL,
    failed integer NOT NULL,
    remaining integer NOT NULL,
    looked_at integer NOT NULL,
    current jsonb NOT NULL,
    providers jsonb NOT NULL,
    limits jsonb NOT NULL,
    waiting text NOT NULL,
    waiting_until timestamptz,
    cancelling boolean NOT NULL,
    resume_from jsonb,
    error text
);
CREATE INDEX run_by_activity ON $schema.run (activity_id);

CREATE TABLE $schema.run_failure (
    job_id bigint,
    movie_id bigint,
    title text NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (job_id, movie_id)
);

CREATE TABLE $schema.night (
    activity_id bigint PRIMARY KEY,
    status text NOT NULL,
    job_id bigint,
    due timestamptz NOT NULL,
    noted_at timestamptz NOT NULL
);

CREATE TABLE $schema.schedule (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    scheduled_for timestamptz,
    cron text,
    time_zone text NOT NULL
);

CREATE TABLE $schema.provider (
    name text PRIMARY KEY,
    configured boolean,
    condition text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    reason text,
    key text,
    learned bigint,
    learned_at timestamptz
);

CREATE TABLE $schema.dead_event (
    seq bigint PRIMARY KEY,
    subject text NOT NULL,
    type text NOT NULL,
    reason text NOT NULL
);
""".replace("$fields", ",".join(field.name for field in TRACKED)).replace("$bands", ",".join(get_args(Band)))

VERSION = hashlib.sha256(f"{FOLD_VERSION}{READ_MODELS}".encode()).hexdigest()[:16]
PRESENT = "SELECT version FROM control.read_models WHERE to_regnamespace('live') IS NOT NULL"
OTHERS = "SELECT count(*) FROM pg_namespace WHERE nspname = ANY($1) AND NOT pg_has_role(nspowner, 'USAGE')"
NOT_OURS = "The tables do not belong to this user; run: metarr setup with METARR_DATABASE_WRITER_URL"
LEAST_SERVER = 15
"""The first PostgreSQL with MERGE."""
SETUP_LOCK = 0x6D657461_72720001
LOCK_PATIENCE = "200ms"
"""Shorter than the server waits before it looks for deadlocks: no query and no projection loses against setup."""
CONFLICTS = (
    asyncpg.UniqueViolationError,  # a role was made at the same moment
    asyncpg.DuplicateObjectError,
    asyncpg.InternalServerError,  # "tuple concurrently updated"
    asyncpg.InvalidSchemaNameError,  # a rebuild has renamed or dropped it meanwhile
    asyncpg.UndefinedTableError,
)
MOST_CONFLICTS = 20


def read_models(schema: str) -> str:
    """The statements that make empty read models in a schema of this name."""
    return READ_MODELS.replace("$schema", schema)


async def migrate(database_url: str, writer_url: str | None = None, reader_url: str | None = None) -> None:
    """Make the schemas, or make them anew where another version made them; safe to repeat and to run twice at once.

    The first address is the owner's. Roles of the other two are made, or given their rights where they are there; for
    one that is not given the owner does its work.

    Raises:
        OSError, asyncpg.PostgresError: the database is away or refuses.
        DatabaseUnsuitableError: PostgreSQL is too old, or the database is not in UTF-8.
        RoleUnsuitableError: a role is not there, or may more than it should, and the owner cannot change that.
        ValueError: an address is none, or names no user.
    """
    writer, reader = login(writer_url) if writer_url else None, login(reader_url) if reader_url else None
    connection = await asyncpg.connect(database_url)
    try:
        require_suitable(connection.get_server_version().major, connection.get_settings().server_encoding)
        conflicts = 0
        while True:
            try:
                return await _migrate(connection, writer, reader)
            except asyncpg.LockNotAvailableError:
                continue
            except CONFLICTS:
                # Roles are the whole server's, and no lock that we may take is: a setup of another database is at it.
                conflicts += 1
                if conflicts == MOST_CONFLICTS:
                    raise
    finally:
        await connection.close()


async def _migrate(connection: asyncpg.Connection, writer: Login | None, reader: Login | None) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
        await connection.execute("SELECT pg_advisory_xact_lock($1)", SETUP_LOCK)
        await connection.execute(CONTROL)
        owner = await connection.fetchval("SELECT current_user")
        _require_different(owner, writer, reader)
        if writer:
            await roles.ensure_role(connection, writer, read_only=False)
            await roles.join(connection, writer.user)
            await roles.let_write(connection, writer.user)
            await roles.hand_over(connection, writer.user, SCHEMAS)
        if reader:
            await roles.ensure_role(connection, reader, read_only=True)
            await roles.let_read(connection, reader.user, writer.user if writer else owner, SCHEMAS)
        if writer or reader:
            await roles.close_to_public(connection)
        if await connection.fetchval(PRESENT) != VERSION:
            await _make_anew(connection, writer)
        if writer:
            await roles.require_limits(connection, writer.user, ("control",), but=("checkpoint",))
        if reader:
            await roles.require_limits(connection, reader.user, ("control", *SCHEMAS))


def _require_different(owner: str, writer: Login | None, reader: Login | None) -> None:
    users = [owner, *(login.user for login in (writer, reader) if login)]
    if len(set(users)) < len(users):
        raise RoleUnsuitableError(
            f"Owner, writer and reader are {', '.join(users)}: give each a user of its own, or no address"
        )


def require_suitable(server: int, encoding: str) -> None:
    """Refuse where setup would succeed and the projector fail: at once, or with the first title in another script.

    Raises:
        DatabaseUnsuitableError: this version of PostgreSQL is too old, or this encoding not UTF-8.
    """
    if server < LEAST_SERVER:
        raise DatabaseUnsuitableError(f"PostgreSQL is version {server}, expected {LEAST_SERVER} or newer")
    if encoding != "UTF8":
        raise DatabaseUnsuitableError(f"its encoding is {encoding}, expected UTF8")


async def _make_anew(connection: asyncpg.Connection, writer: Login | None) -> None:
    for schema in SCHEMAS:
        await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    await connection.execute("TRUNCATE control.read_models, control.checkpoint")
    await connection.execute("INSERT INTO control.read_models (version) VALUES ($1)", VERSION)
    if writer:
        await connection.execute(f"SET LOCAL ROLE {roles.quoted(writer.user)}")
    await connection.execute(read_models(LIVE))
    await connection.execute("RESET ROLE")


async def require_version(connection: asyncpg.Connection) -> None:
    """Refuse to work on other tables than ours, and as somebody to whom they do not belong.

    Raises:
        SchemaMissingError: setup has not been run with this version.
        RoleUnsuitableError: setup was not told of this user, or the projector of an earlier version made the tables.
    """
    try:
        version = await connection.fetchval(PRESENT)
    except (asyncpg.InvalidSchemaNameError, asyncpg.UndefinedTableError):
        version = None
    except asyncpg.InsufficientPrivilegeError:
        raise RoleUnsuitableError(NOT_OURS) from None
    if version != VERSION:
        raise SchemaMissingError
    if await connection.fetchval(OTHERS, SCHEMAS):
        raise RoleUnsuitableError(NOT_OURS)
