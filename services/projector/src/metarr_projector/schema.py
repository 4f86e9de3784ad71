"""The tables: `control` (checkpoint, version) and the read models; `live` is in use, `rebuild` may be in the making.

No extension, no ICU, no column filled by a clock or a serial: the same events leave the same rows. `setup` calls
`migrate`; read models are not migrated but made anew, empty, and filled from the events by the projector.
"""

import hashlib

import asyncpg

from metarr_projector.errors import SchemaMissingError

LIVE = "live"
REBUILD = "rebuild"
RETIRED = "retired"
FOLD_VERSION = 1
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
CREATE INDEX movie_limited ON $schema.movie (id) WHERE limited <> '{}';
CREATE INDEX movie_unidentified ON $schema.movie (id) WHERE searched AND tmdb_id IS NULL AND imdb_id IS NULL;

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
"""

VERSION = hashlib.sha256(f"{FOLD_VERSION}{READ_MODELS}".encode()).hexdigest()[:16]
PRESENT = "SELECT version FROM control.read_models WHERE to_regnamespace('live') IS NOT NULL"
SETUP_LOCK = 0x6D657461_72720001


def read_models(schema: str) -> str:
    """The statements that make empty read models in a schema of this name."""
    return READ_MODELS.replace("$schema", schema)


async def migrate(database_url: str) -> None:
    """Make the schemas, or make them anew where another version made them; safe to repeat and to run twice at once.

    Raises:
        OSError, asyncpg.PostgresError: the database is away or refuses.
    """
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", SETUP_LOCK)
            await connection.execute(CONTROL)
            if await connection.fetchval(PRESENT) != VERSION:
                await _make_anew(connection)
    finally:
        await connection.close()


async def _make_anew(connection: asyncpg.Connection) -> None:
    for schema in (LIVE, REBUILD, RETIRED):
        await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    await connection.execute("TRUNCATE control.read_models, control.checkpoint")
    await connection.execute("INSERT INTO control.read_models (version) VALUES ($1)", VERSION)
    await connection.execute(read_models(LIVE))


async def require_version(connection: asyncpg.Connection) -> None:
    """Refuse to work on other tables than ours.

    Raises:
        SchemaMissingError: setup has not been run with this version.
    """
    try:
        version = await connection.fetchval(PRESENT)
    except (asyncpg.InvalidSchemaNameError, asyncpg.UndefinedTableError):
        version = None
    if version != VERSION:
        raise SchemaMissingError
