"""The one writer of rows: a batch goes to temporary tables by COPY and from there into the read models, set by set.

The caller opens the transaction and moves the checkpoint in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg

from metarr_contracts.movie import ENRICHED_FROM, PARTIAL_FROM
from metarr_contracts.quotas import KNOWN_FOR
from metarr_projector.patches import Changes
from metarr_projector.staging import JOB_COLUMNS, MOVIE_COLUMNS, Staged, job_rows
from metarr_projector.staging_runs import RUN_COLUMNS, run_rows

Row = Sequence[Any]

MERGE_MOVIES = """
MERGE INTO $schema.movie AS m USING staged_movie AS p ON m.id = p.id
WHEN MATCHED THEN UPDATE SET
    given_title = CASE WHEN p.given THEN p.given_title ELSE m.given_title END,
    given_sort_title = CASE WHEN p.given THEN p.given_sort_title ELSE m.given_sort_title END,
    given_year = CASE WHEN p.given THEN p.given_year ELSE m.given_year END,
    found_title = CASE WHEN p.title_found THEN p.found_title ELSE m.found_title END,
    found_sort_title = CASE WHEN p.title_found THEN p.found_sort_title ELSE m.found_sort_title END,
    found_year = CASE WHEN p.year_found THEN p.found_year ELSE m.found_year END,
    imdb_id = CASE WHEN p.identified THEN p.imdb_id ELSE m.imdb_id END,
    tmdb_id = CASE WHEN p.identified THEN p.tmdb_id ELSE m.tmdb_id END,
    searched = coalesce(p.searched, m.searched),
    completeness = coalesce(p.completeness, m.completeness),
    partial = coalesce(p.partial, m.partial),
    limited = coalesce(p.limited, m.limited),
    missing = coalesce(p.missing, m.missing),
    has_poster = coalesce(p.has_poster, m.has_poster),
    last_enriched = coalesce(p.last_enriched, m.last_enriched)
WHEN NOT MATCHED AND p.added_at IS NOT NULL THEN INSERT (
    id, given_title, given_sort_title, given_year, found_title, found_sort_title, found_year, imdb_id, tmdb_id,
    searched, completeness, partial, limited, missing, has_poster, last_enriched, added_at
) VALUES (
    p.id, p.given_title, p.given_sort_title, p.given_year, p.found_title, p.found_sort_title, p.found_year, p.imdb_id,
    p.tmdb_id, p.searched, p.completeness, coalesce(p.partial, false), coalesce(p.limited, '{}'), p.missing,
    coalesce(p.has_poster, false), p.last_enriched, p.added_at
)
"""

MERGE_WORDS = """
MERGE INTO $schema.movie_words AS m
USING (SELECT * FROM staged_movie WHERE given OR title_found) AS p ON m.movie_id = p.id
WHEN MATCHED THEN UPDATE SET
    given = CASE WHEN p.given THEN array_to_tsvector(p.given_words) ELSE m.given END,
    found = CASE WHEN p.title_found THEN array_to_tsvector(p.found_words) ELSE m.found END
WHEN NOT MATCHED AND p.added_at IS NOT NULL THEN INSERT (movie_id, given, found)
VALUES (p.id, array_to_tsvector(p.given_words), array_to_tsvector(p.found_words))
"""

MERGE_DETAILS = """
MERGE INTO $schema.movie_detail AS m USING staged_movie AS p ON m.movie_id = p.id
WHEN MATCHED THEN UPDATE SET
    fields = (m.fields - p.dropped) || p.fields,
    missing = coalesce(p.missing_detail, m.missing),
    providers = coalesce(p.providers, m.providers),
    candidates = coalesce(p.candidates, m.candidates),
    locked = coalesce(p.locked, m.locked),
    duration = coalesce(p.duration, m.duration),
    last_job = coalesce(p.last_job, m.last_job)
WHEN NOT MATCHED AND p.added_at IS NOT NULL THEN INSERT (
    movie_id, fields, missing, providers, candidates, locked, duration, last_job
) VALUES (
    p.id, p.fields, p.missing_detail, coalesce(p.providers, '[]'), p.candidates, p.locked, p.duration, p.last_job
)
"""

MERGE_JOBS = """
MERGE INTO $schema.job AS j USING staged_job AS p ON j.job_id = p.job_id
WHEN MATCHED THEN UPDATE SET
    state = p.state,
    progress = coalesce(p.progress, j.progress),
    started_at = coalesce(j.started_at, p.started_at),
    completed_at = coalesce(p.completed_at, j.completed_at),
    error = coalesce(p.error, j.error),
    code = coalesce(p.code, j.code),
    processed = coalesce(p.processed, j.processed),
    total = coalesce(p.total, j.total),
    counts = coalesce(p.counts, j.counts)
WHEN NOT MATCHED THEN INSERT (
    job_id, kind, movie_id, state, progress, started_at, completed_at, error, code, processed, total, counts
) VALUES (
    p.job_id, p.kind, p.movie_id, p.state, coalesce(p.progress, 0), p.started_at, p.completed_at, p.error, p.code,
    p.processed, p.total, p.counts
)
"""

UPSERT_IMPORT_ROW = """
INSERT INTO $schema.import_row (job_id, row, noted) VALUES ($1, $2, $3)
ON CONFLICT (job_id, row) DO UPDATE SET noted = excluded.noted
"""

MERGE_RUNS = """
MERGE INTO $schema.run AS r USING staged_run AS p ON r.job_id = p.job_id
WHEN MATCHED THEN UPDATE SET
    seq = p.seq,
    status = coalesce(p.status, r.status),
    completed_at = coalesce(p.completed_at, r.completed_at),
    total = coalesce(p.total, r.total),
    processed = coalesce(p.processed, r.processed),
    skipped = coalesce(p.skipped, r.skipped),
    failed = coalesce(p.failed, r.failed),
    remaining = coalesce(p.remaining, r.remaining),
    looked_at = coalesce(p.looked_at, r.looked_at),
    current = coalesce(p.current, r.current),
    providers = coalesce(p.providers, r.providers),
    limits = p.limits || r.limits,
    waiting = coalesce(p.waiting, r.waiting),
    waiting_until = CASE WHEN p.waiting IS NULL THEN r.waiting_until ELSE p.waiting_until END,
    cancelling = coalesce(p.cancelling, r.cancelling),
    resume_from = coalesce(p.resume_from, r.resume_from),
    error = coalesce(p.error, r.error)
WHEN NOT MATCHED AND p.activity_id IS NOT NULL THEN INSERT (
    job_id, activity_id, seq, status, trigger, force, scheduled_for, started_at, completed_at, total, processed,
    skipped, failed, remaining, looked_at, current, providers, limits, waiting, waiting_until, cancelling, resume_from,
    error
) VALUES (
    p.job_id, p.activity_id, p.seq, p.status, p.trigger, p.force, p.scheduled_for, p.started_at, p.completed_at,
    p.total, p.processed, p.skipped, p.failed, p.remaining, p.looked_at, p.current, p.providers, p.limits, p.waiting,
    p.waiting_until, coalesce(p.cancelling, false), p.resume_from, p.error
)
"""

UPSERT_RUN_FAILURE = """
INSERT INTO $schema.run_failure (job_id, movie_id, title, error) VALUES ($1, $2, $3, $4)
ON CONFLICT (job_id, movie_id) DO UPDATE SET title = excluded.title, error = excluded.error
"""

INSERT_NIGHT = """
INSERT INTO $schema.night (activity_id, status, job_id, due, noted_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (activity_id) DO NOTHING
"""

UPSERT_SCHEDULE = """
INSERT INTO $schema.schedule (scheduled_for, cron, time_zone) VALUES ($1, $2, $3)
ON CONFLICT (only_row) DO UPDATE SET scheduled_for = excluded.scheduled_for, cron = excluded.cron,
    time_zone = excluded.time_zone
"""

# As `quotas.learn` does; a comparison with NULL, which is nothing new, is not true.
LEARNS = """(
    (excluded.configured IS NOT NULL AND excluded.key IS DISTINCT FROM p.key) OR p.learned IS NULL
    OR excluded.learned >= p.learned OR excluded.learned_at - p.learned_at >= $10::interval
)"""
UPSERT_PROVIDER = """
INSERT INTO $schema.provider AS p (name, configured, condition, since, until, reason, key, learned, learned_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (name) DO UPDATE SET configured = coalesce(excluded.configured, p.configured),
    condition = excluded.condition, since = excluded.since, until = excluded.until, reason = excluded.reason,
    key = CASE WHEN excluded.configured IS NULL THEN p.key ELSE excluded.key END,
    learned = CASE WHEN $learns THEN excluded.learned ELSE p.learned END,
    learned_at = CASE WHEN $learns THEN excluded.learned_at ELSE p.learned_at END
""".replace("$learns", LEARNS)

INSERT_DEAD = """
INSERT INTO $schema.dead_event (seq, subject, type, reason) VALUES ($1, $2, $3, $4) ON CONFLICT (seq) DO NOTHING
"""

# As `movie.band` says it.
BAND = f"""CASE WHEN completeness >= {ENRICHED_FROM} THEN 'enriched'
    WHEN completeness >= {PARTIAL_FROM} THEN 'partial' ELSE 'unenriched' END"""
# Before the films themselves are written or go: what counts is their rows, whatever events say that they were.
MOVE_COUNTERS = """
WITH film (missing, completeness, band, by) AS (
    SELECT missing, completeness, $band, by FROM ($films) AS film (missing, completeness, by)
    WHERE completeness IS NOT NULL
), lacking AS (
    UPDATE $schema.library_missing AS l SET films = l.films + moved.films
    FROM (
        SELECT field, band, sum(by) AS films FROM film, unnest(missing) AS field GROUP BY 1, 2 HAVING sum(by) <> 0
    ) AS moved
    WHERE l.field = moved.field AND l.band = moved.band
)
UPDATE $schema.library AS l SET enriched = l.enriched + moved.enriched, partial = l.partial + moved.partial,
    unenriched = l.unenriched + moved.unenriched, completeness = l.completeness + moved.completeness
FROM (
    SELECT sum(by * (band = 'enriched')::int) AS enriched, sum(by * (band = 'partial')::int) AS partial,
        sum(by * (band = 'unenriched')::int) AS unenriched, sum(by * completeness) AS completeness
    FROM film HAVING count(*) > 0
) AS moved
""".replace("$band", BAND)
# Most refreshes leave a film's fields as they were; it is looked at no further.
MOVE_WRITTEN = MOVE_COUNTERS.replace(
    "$films",
    """
    SELECT film.* FROM staged_movie AS p LEFT JOIN $schema.movie AS m ON m.id = p.id CROSS JOIN LATERAL (VALUES
        (m.missing, m.completeness, -1),
        (coalesce(p.missing, m.missing), coalesce(p.completeness, m.completeness), 1)
    ) AS film
    WHERE (m.id IS NULL AND p.added_at IS NOT NULL) OR p.missing <> m.missing OR p.completeness <> m.completeness
    """,
)
MOVE_REMOVED = MOVE_COUNTERS.replace("$films", "SELECT missing, completeness, -1 FROM $schema.movie WHERE id = ANY($1)")

REMOVE = (
    MOVE_REMOVED,
    "DELETE FROM $schema.movie WHERE id = ANY($1)",
    "DELETE FROM $schema.movie_words WHERE movie_id = ANY($1)",
    "DELETE FROM $schema.movie_detail WHERE movie_id = ANY($1)",
)

# Each staged row is one key of an index; a plan that reads whole tables gets slower with every film.
SESSION = """
SET enable_hashjoin = off;
SET enable_mergejoin = off;
"""


async def prepare(connection: asyncpg.Connection) -> None:
    """Make the staging tables of this connection."""
    await connection.execute(SESSION)
    await connection.execute(_staging_table("staged_movie", MOVIE_COLUMNS))
    await connection.execute(_staging_table("staged_job", JOB_COLUMNS))
    await connection.execute(_staging_table("staged_run", RUN_COLUMNS))


def _staging_table(name: str, columns: Mapping[str, str]) -> str:
    # Emptied by the server at each commit, which is five times faster than DELETE.
    listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    return f"CREATE TEMPORARY TABLE {name} ({listed}) ON COMMIT DELETE ROWS"


async def write(connection: asyncpg.Connection, schema: str, staged: Staged) -> None:
    """Bring the rows of a schema up to date; `prepare` was called and a transaction is open."""
    changes = staged.changes
    await _write_movies(connection, schema, staged)
    if changes.jobs:
        await _stage(connection, "staged_job", job_rows(changes.jobs.values()))
        await connection.execute(_for(MERGE_JOBS, schema))
    await _many(connection, _for(UPSERT_IMPORT_ROW, schema), _import_rows(changes))
    await _write_runs(connection, schema, changes)
    await _many(
        connection,
        _for(UPSERT_PROVIDER, schema),
        [
            (p.name, p.configured, p.condition, p.since, p.until, p.reason, p.key, p.learned, p.learned_at, KNOWN_FOR)
            for p in changes.providers
        ],
    )
    await _many(
        connection,
        _for(INSERT_DEAD, schema),
        [(dead.seq, dead.subject, dead.type, dead.reason) for dead in changes.dead],
    )


async def _write_movies(connection: asyncpg.Connection, schema: str, staged: Staged) -> None:
    patches = staged.changes.movies.values()
    removed = [patch.movie_id for patch in patches if patch.removed]
    if removed:
        for statement in REMOVE:
            await connection.execute(_for(statement, schema), removed)
    if not staged.movies:
        return
    await _stage(connection, "staged_movie", staged.movies)
    await connection.execute(_for(MOVE_WRITTEN, schema))
    await connection.execute(_for(MERGE_MOVIES, schema))
    await connection.execute(_for(MERGE_DETAILS, schema))
    if any(patch.given or "title" in patch.fields for patch in patches):
        await connection.execute(_for(MERGE_WORDS, schema))


async def _write_runs(connection: asyncpg.Connection, schema: str, changes: Changes) -> None:
    if changes.runs:
        await _stage(connection, "staged_run", run_rows(changes.runs.values()))
        await connection.execute(_for(MERGE_RUNS, schema))
    await _many(
        connection,
        _for(UPSERT_RUN_FAILURE, schema),
        [(job_id, movie_id, film.title, film.error) for (job_id, movie_id), film in changes.run_failures.items()],
    )
    await _many(
        connection,
        _for(INSERT_NIGHT, schema),
        [
            (night.activity_id, night.status, night.job_id, night.due, night.noted_at)
            for night in changes.nights.values()
        ],
    )
    if due := changes.schedule:
        await connection.execute(_for(UPSERT_SCHEDULE, schema), due.scheduled_for, due.cron, due.time_zone)


def _import_rows(changes: Changes) -> list[Row]:
    return [(job_id, row, noted.to_json().decode()) for (job_id, row), noted in changes.import_rows.items()]


async def _stage(connection: asyncpg.Connection, table: str, rows: Iterable[Row]) -> None:
    await connection.copy_records_to_table(table, records=rows)


async def _many(connection: asyncpg.Connection, statement: str, rows: list[Row]) -> None:
    if rows:
        await connection.executemany(statement, rows)


def _for(statement: str, schema: str) -> str:
    return statement.replace("$schema", schema)
