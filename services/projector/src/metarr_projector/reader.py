"""Reads of the live tables, one function for each question. What is wrong with a question is a `RefusedError`."""

from datetime import datetime

from metarr_chassis.bus import Bus
from metarr_chassis.errors import RefusedError
from metarr_contracts import readmodels
from metarr_contracts.movie import ENRICHED_FROM
from metarr_projector import views, views_runs
from metarr_projector.counts import Counts
from metarr_projector.database import Database
from metarr_projector.film_rows import FilmRows
from metarr_projector.listing import BANDS, SORT_COLUMNS, InvalidQueryError, listing, write_cursor
from metarr_projector.usage import requests_booked

TOP_INCOMPLETE = 10
REPORT_PAGE = 200
"""Noted rows of an import, or failed films of a run, in one answer."""

# Before the first event there is no checkpoint. A rebuild ends at the same event, with tables of its own.
STATE = """SELECT l.tableoid AS tables, c.stream, c.seq, l.enriched, l.partial, l.unenriched
FROM live.library AS l LEFT JOIN control.checkpoint AS c ON true"""
CHECKPOINT = "SELECT seq FROM control.checkpoint"
COUNTERS = "SELECT enriched, partial, unenriched, completeness FROM live.library"
# In one statement: figures and films of the same moment, by one question to the server.
STATS = """SELECT l.enriched, l.partial, l.unenriched, l.completeness AS sum, m.* FROM live.library AS l LEFT JOIN (
    SELECT id, title, year, imdb_id, tmdb_id, completeness, missing FROM live.movie
    WHERE completeness < $1 ORDER BY completeness, id LIMIT $2
) AS m ON true ORDER BY m.completeness, m.id"""
JOB = "SELECT * FROM live.job WHERE job_id = $1"
IMPORT_ROWS = "SELECT noted FROM live.import_row WHERE job_id = $1 ORDER BY row OFFSET $2 LIMIT $3"
RUN = "SELECT * FROM live.run WHERE job_id = $1"
RUN_FAILURES = """SELECT movie_id, title, error FROM live.run_failure WHERE job_id = $1
ORDER BY movie_id OFFSET $2 LIMIT $3"""
PROVIDERS = "SELECT name, configured, condition, since, until, reason, learned, learned_at FROM live.provider"


async def projected_seq(database: Database) -> int:
    """Up to which event the rows are; 0 for none."""
    row = await database.row(CHECKPOINT)
    return int(row["seq"]) if row else 0


async def library_stats(database: Database) -> readmodels.LibraryStats:
    """The dashboard's figures."""
    return views.stats(await database.fetch(STATS, ENRICHED_FROM, TOP_INCOMPLETE))


async def movie_status(films: FilmRows, query: readmodels.MovieQuery) -> readmodels.MovieStatus:
    """A film's completeness and last refresh; 404 when there is no such film."""
    return views.status(await _movie(films, query.movie_id))


async def movie_details(films: FilmRows, query: readmodels.MovieQuery) -> readmodels.MovieDetails:
    """All of a film; 404 when there is no such film."""
    return views.details(await _movie(films, query.movie_id))


async def _movie(films: FilmRows, movie_id: int) -> views.Row:
    row = await films.row(movie_id)
    if row is None:
        raise RefusedError(404, "Movie not found", "movie_not_found")
    return row


async def movie_page(database: Database, query: readmodels.MovieListQuery, counts: Counts) -> readmodels.MoviePage:
    """A page of the list of films; 400 names what is wrong with the query."""
    try:
        wanted = listing(query)
    except InvalidQueryError as error:
        raise RefusedError(400, str(error), "invalid_request", error.field) from error
    state = (await database.fetch(STATE))[0]
    position = (state["tables"], state["stream"], state["seq"])
    hits = await counts.count(database, wanted.hits, position) if wanted.hits else 0
    if wanted.total:
        total = await counts.count(database, wanted.total, position)
    else:
        total = hits if wanted.hits else sum(state[column] for column in wanted.counters)
    rows: list[views.Row] = []
    for part in wanted.parts(hits, sum(state[band] for band in BANDS)):
        if len(rows) <= query.limit:
            rows += await database.fetch(part.sql, *part.arguments)
    page, last = rows[: query.limit], rows[query.limit - 1] if len(rows) > query.limit else None
    return readmodels.MoviePage(
        movies=tuple(views.summary(row) for row in page),
        total=total,
        next_cursor=write_cursor(query, last[SORT_COLUMNS[query.sort]], last["id"]) if last else None,
    )


async def job(database: Database, query: readmodels.JobQuery) -> readmodels.Job:
    """A job that ended, or an import or run that goes on; 404 for all others."""
    row = await database.row(JOB, query.job_id)
    if row is None:
        raise RefusedError(404, "Job not found", "job_not_found")
    page = (query.job_id, query.row_offset, REPORT_PAGE + 1)
    if row["kind"] == "bulk":
        run, failures = await database.row(RUN, query.job_id), await database.fetch(RUN_FAILURES, *page)
        return views.job(row, run=views_runs.report(run, failures, query.row_offset, REPORT_PAGE) if run else None)
    noted = await database.fetch(IMPORT_ROWS, *page)
    return views.job(row, report=views.import_report(row, noted, query.row_offset, REPORT_PAGE))


async def provider_states(database: Database, bus: Bus, now: datetime) -> readmodels.ProviderStates:
    """All providers as they are now; what they were asked today is known to the bus.

    Raises:
        BusUnavailableError: the bus does not answer.
    """
    rows = await database.fetch(PROVIDERS)
    return views.provider_states(rows, await requests_booked(bus), now)
