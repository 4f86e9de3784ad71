"""Reads on runs over the whole library: their status, their history, the report of one."""

from datetime import datetime

from metarr_chassis.bus import Bus
from metarr_chassis.errors import RefusedError
from metarr_contracts import readmodels
from metarr_projector import reader, views_runs
from metarr_projector.database import Database
from metarr_projector.estimate import FIRST, MIN_ASKED, MIN_LOOKED_AT, Pace, estimated_duration, fresh_since
from metarr_projector.history import TOTAL, page, write_cursor
from metarr_projector.listing import InvalidQueryError

# Both in one statement: between two of them a run could end and be in neither.
NEWEST_RUNS = """(SELECT * FROM live.run WHERE status = 'running' ORDER BY activity_id DESC LIMIT 1)
UNION ALL (SELECT * FROM live.run WHERE status <> 'running' ORDER BY activity_id DESC LIMIT 1)"""
FILMS = """SELECT enriched + partial + unenriched AS films,
(SELECT count(*) FROM live.movie WHERE last_enriched > $1) AS fresh FROM live.library"""
SCHEDULE = "SELECT scheduled_for, cron, time_zone FROM live.schedule"
# A failed run waited for providers that were down; its time is not that of its films.
PACE = """SELECT extract(epoch FROM completed_at - started_at)::float8 AS seconds, processed + failed AS films
FROM live.run WHERE status IN ('completed', 'partial', 'cancelled') AND processed + failed >= $1
AND greatest(looked_at, processed + failed) >= $2 ORDER BY activity_id DESC LIMIT 1"""


async def bulk_status(database: Database, bus: Bus, now: datetime) -> readmodels.BulkStatus:
    """The last run, the one that goes on, the next one, and how long one would take that started now."""
    newest = {row["status"] == "running": row for row in await database.fetch(NEWEST_RUNS)}
    schedule = await database.row(SCHEDULE)
    measured = await database.row(PACE, MIN_ASKED, MIN_LOOKED_AT)
    pace = Pace(**measured) if measured else FIRST
    states = await reader.provider_states(database, bus, now)
    on = [provider for provider in states.providers if provider.state == "on"]
    [counted] = await database.fetch(FILMS, fresh_since(now, [provider.since for provider in on]))
    films, remaining = counted["films"], [provider.remaining for provider in on]
    return readmodels.BulkStatus(
        last_run=views_runs.last_run(newest[False]) if False in newest else None,
        next_run=views_runs.next_run(schedule, now),
        current_run=views_runs.current_run(newest[True], now) if True in newest else None,
        schedule=views_runs.schedule_of(schedule),
        total_movies=films,
        estimated_duration=estimated_duration(films - counted["fresh"], remaining, pace),
        forced_duration=estimated_duration(films, remaining, pace),
    )


async def activity_page(database: Database, query: readmodels.ActivityQuery) -> readmodels.ActivityPage:
    """A page of what happened; 400 names what is wrong with the query."""
    try:
        wanted = page(query)
    except InvalidQueryError as error:
        raise RefusedError(400, str(error), "invalid_request", error.field) from error
    counted = await database.fetch(TOTAL)
    rows = await database.fetch(wanted.sql, *wanted.arguments)
    shown = rows[: query.limit]
    return readmodels.ActivityPage(
        activities=tuple(views_runs.activity(row) for row in shown),
        total=counted[0]["count"],
        next_cursor=write_cursor(shown[-1]["activity_id"]) if len(rows) > query.limit else None,
    )
