"""What the projector answers: the `data` of HTTP answers, and replies to `metarr.query.<name>`."""

from typing import Literal

from pydantic import Field

from metarr_contracts.base import Json, Request, Utc, Value
from metarr_contracts.bulk import FailedMovie, ResumeFrom, RunEnd, RunMovie, RunProvider, RunTrigger
from metarr_contracts.events import ImportCounts, ImportedRow
from metarr_contracts.fields import TRACKED, Category, ProviderName
from metarr_contracts.movie import (
    Band,
    Candidate,
    FieldValue,
    Identification,
    MissingReason,
    Outcome,
)

SortKey = Literal["id", "title", "year", "completeness", "lastEnriched", "added"]
SortOrder = Literal["asc", "desc"]
MAX_PAGE = 200
MAX_MOVIE_ID = 999_999_999
"""As many digits as an id in a path or subject may have."""
MAX_SEQ = 2**53
"""Sequences and job ids: up to here every JSON reader keeps them exactly."""


class Query(Request):
    """Every query can wait until the projection holds what its asker wrote."""

    after: int | None = Field(
        default=None, ge=0, le=MAX_SEQ, description="Wait (2 s at most) until this sequence is projected"
    )


class MovieQuery(Query):
    """A query on one film."""

    movie_id: int = Field(ge=1, le=MAX_MOVIE_ID)


class MovieHistoryQuery(MovieQuery):
    """What happened to one film, newest first."""

    limit: int = Field(default=50, ge=1, le=MAX_PAGE)
    before: int | None = Field(
        default=None, ge=1, le=MAX_SEQ, description="`nextBefore` of the page before: only what is older than this"
    )


class JobQuery(Query):
    """A query on one job; `row_offset` pages through the noted rows of an import, or a run's failed films."""

    job_id: int = Field(ge=1, le=MAX_SEQ)
    row_offset: int = Field(default=0, ge=0)


class MovieListQuery(Query):
    """Which films, in which order, and from where on."""

    filter: Literal["all", "incomplete", "enriched", "partial", "unenriched", "limited", "unidentified"] = "all"
    missing: str | None = Field(
        default=None,
        description="Only films that lack this field",
        json_schema_extra={"enum": [field.name for field in TRACKED]},
    )
    search: str | None = Field(default=None, max_length=200, description="Words that begin words of the title")
    sort: SortKey = "title"
    order: SortOrder = "asc"
    limit: int = Field(default=50, ge=1, le=MAX_PAGE)
    cursor: str | None = Field(default=None, description="`nextCursor` of the page before")


class ActivityQuery(Query):
    """What happened, newest first."""

    type: Literal["bulk_enrichment"] = "bulk_enrichment"
    limit: int = Field(default=20, ge=1, le=MAX_PAGE)
    cursor: str | None = Field(default=None, description="`nextCursor` of the page before")


class IncompleteMovie(Value):
    """A row of the dashboard's list."""

    id: int
    title: str
    year: int | None
    completeness: int
    missing_fields: tuple[str, ...]


class LibraryStats(Value):
    """`GET /api/movies/enrichment/stats`. The bands are enriched ≥ 90 %, partial 60-89 %, unenriched below 60 %."""

    total: int
    enriched: int
    partially_enriched: int
    unenriched: int
    average_completeness: float = Field(description="Percent, one decimal; 0 for an empty library")
    top_incomplete: tuple[IncompleteMovie, ...] = Field(description="The ten least complete below 90 %")


class MissingFieldView(Value):
    """A missing field as it is shown."""

    field: str
    display_name: str
    category: Category
    reason: MissingReason
    providers: tuple[ProviderName, ...]


class ProviderView(Value):
    """How a provider fared when the film was last refreshed."""

    name: ProviderName
    outcome: Outcome | Literal["not_asked"]
    fetched_at: Utc | None
    limited_until: Utc | None
    message: str | None = None


class LastJob(Value):
    """The film's last job that ended."""

    job_id: int
    state: Literal["completed", "failed", "cancelled"]
    completed_at: Utc
    error: str | None = None


class MovieStatus(Value):
    """`GET /api/movies/{id}/enrichment-status`."""

    movie_id: int
    completeness: int
    last_enriched: Utc | None
    enrichment_duration: float | None = Field(description="Seconds, one decimal")
    partial: bool
    rate_limited_providers: tuple[ProviderName, ...]
    missing_fields: tuple[MissingFieldView, ...]
    field_sources: dict[str, str]
    providers: tuple[ProviderView, ...]
    last_job: LastJob | None
    identification: Identification


class MovieSummary(Value):
    """A row of the list of films."""

    id: int
    title: str
    year: int | None
    imdb_id: str | None
    tmdb_id: int | None
    completeness: int
    band: Band
    partial: bool
    rate_limited_providers: tuple[ProviderName, ...]
    missing_fields: tuple[str, ...]
    identification: Identification
    has_poster: bool
    last_enriched: Utc | None
    added_at: Utc


class MoviePage(Value):
    """A page of the list of films."""

    movies: tuple[MovieSummary, ...]
    total: int = Field(description="Films that the filter and the search leave")
    next_cursor: str | None


class MovieDetails(MovieSummary):
    """`GET /api/movies/{id}`: all that is known of a film."""

    fields: dict[str, FieldValue]
    locked: tuple[str, ...]
    candidates: tuple[Candidate, ...]


class ImportReport(Value):
    """What a large import did. `rows` are those that are neither added nor unchanged, or carry a note."""

    processed: int
    total: int
    counts: ImportCounts
    rows: tuple[ImportedRow, ...]
    next_row_offset: int | None


class RunStats(Value):
    """Films of a run that ended. What the run did not get to counts as skipped."""

    total_movies: int
    processed: int
    skipped: int
    failed: int


class LiveRunStats(RunStats):
    """Films of a run that goes on: processed + skipped + failed + remaining = totalMovies."""

    remaining: int


class LastRun(Value):
    """The last run that ended."""

    job_id: int
    trigger: RunTrigger
    force: bool
    started_at: Utc
    completed_at: Utc
    status: RunEnd
    stats: RunStats
    remaining: int = Field(
        default=0, ge=0, description="Films that the run did not get to; `stats` counts them as skipped"
    )
    rate_limit_hit: bool
    rate_limited_providers: tuple[ProviderName, ...]
    resume_from: ResumeFrom | None
    providers: tuple[RunProvider, ...]
    error: str | None = None


class CurrentRun(Value):
    """The run that goes on. `processedMovies` are all films it has looked at."""

    job_id: int
    trigger: RunTrigger
    force: bool
    started_at: Utc
    progress: int = Field(ge=0, le=100, description="Percent of all films that it has looked at, floored")
    processed_movies: int
    total_movies: int
    current_movie: RunMovie
    rate_limited_providers: tuple[ProviderName, ...]
    stats: LiveRunStats
    waiting: str | None = Field(default=None, description="Why no film is started just now, for a person")
    waiting_until: Utc | None = Field(default=None, description="When it is tried again")
    state: Literal["queued", "running", "cancelling"] = Field(
        default="running",
        description="`queued`: nobody has begun it; `cancelling`: a person wants it to end, films at work end properly",
    )
    elapsed: int = Field(default=0, ge=0, description="Seconds since `startedAt`")
    estimated_remaining: int | None = Field(
        default=None,
        ge=0,
        description="Seconds, by the pace so far; None until there is one, while it waits, and while it is cancelled",
    )
    seq: int = Field(default=0, description="Sequence of the run's last event that is shown here")


class NextRun(Value):
    """When the next run is due."""

    scheduled_at: Utc
    time_until: int = Field(ge=0, description="Seconds")


class Schedule(Value):
    """When runs are due."""

    cron: str
    time_zone: str


class BulkStatus(Value):
    """`GET /api/enrichment/bulk-status`."""

    last_run: LastRun | None = Field(description="None before the first one")
    next_run: NextRun | None = Field(description="None while the schedule is off")
    current_run: CurrentRun | None
    schedule: Schedule | None = Field(description="None while the schedule is off")
    total_movies: int = Field(description="Films in the library now")
    estimated_duration: int = Field(
        ge=1, description="Seconds that a run started now would take, for the films that were not asked about lately"
    )
    forced_duration: int | None = Field(
        default=None, ge=1, description="Seconds that one with `force` would take; None: not told"
    )


class Activity(Value):
    """Something that happened: a run, or a night that was left out (`skipped`: a run was going; `missed`)."""

    id: int
    type: Literal["bulk_enrichment"] = "bulk_enrichment"
    status: RunEnd | Literal["running", "skipped", "missed"]
    job_id: int | None
    trigger: RunTrigger
    force: bool
    scheduled_for: Utc | None
    started_at: Utc
    completed_at: Utc | None
    duration: float | None = Field(description="Seconds, one decimal")
    stats: RunStats | None
    remaining: int = Field(
        default=0, ge=0, description="Films that the run did not get to; `stats` counts them as skipped"
    )
    rate_limit_hit: bool
    rate_limited_providers: tuple[ProviderName, ...]
    resume_from: ResumeFrom | None
    providers: tuple[RunProvider, ...]
    error: str | None = None


class ActivityPage(Value):
    """`GET /api/activity/history`: a page, newest first."""

    activities: tuple[Activity, ...]
    total: int
    next_cursor: str | None


class MovieFact(Value):
    """An event of a film as it is stored. `data` is what the schema of its `type` describes."""

    seq: int = Field(description="Its place in the stream of events")
    time: Utc
    type: str = Field(examples=["metarr.movie.enriched.v1"])
    correlation_id: str | None = Field(description="The same for all that came of one request")
    data: dict[str, Json]


class MovieHistory(Value):
    """`GET /api/movies/{id}/history`: a page, newest first. A film that was removed still has one."""

    movie_id: int
    events: tuple[MovieFact, ...]
    next_before: int | None


class RunReport(Value):
    """What a run did, or has done so far. `failures` are the films it could not complete."""

    status: RunEnd | Literal["running"]
    stats: LiveRunStats
    remaining: int = Field(
        default=0, ge=0, description="Films that the run did not get to; at its end `stats` counts them as skipped"
    )
    providers: tuple[RunProvider, ...]
    resume_from: ResumeFrom | None
    failures: tuple[FailedMovie, ...]
    next_row_offset: int | None


class Job(Value):
    """`GET /api/jobs/{id}`. A run that ended early is `completed`, with `code` `partial`."""

    job_id: int
    kind: Literal["enrichment", "import", "bulk"]
    movie_id: int | None
    state: Literal["queued", "running", "completed", "failed", "cancelled"]
    progress: int = Field(ge=0, le=100)
    started_at: Utc | None
    completed_at: Utc | None
    error: str | None = None
    code: str | None = None
    report: ImportReport | None = None
    run: RunReport | None = None


class ProviderState(Value):
    """A provider at a glance."""

    name: ProviderName
    state: Literal["on", "off", "paused", "key_refused"]
    since: Utc | None
    until: Utc | None
    reason: str | None
    requests_today: int = Field(description="Requests since 00:00 UTC, of all replicas")
    remaining: int | None = Field(description="Of the daily quota; None where it was not met within a week")


class ProviderStates(Value):
    """`GET /api/providers/status`."""

    providers: tuple[ProviderState, ...]
