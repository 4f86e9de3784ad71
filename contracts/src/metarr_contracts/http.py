"""Bodies of the HTTP API. Documented names, types and meanings are those of the product document."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, StringConstraints

from metarr_contracts.base import Json, Request, Value
from metarr_contracts.events import ImportCounts, ImportedRow
from metarr_contracts.identifiers import MAX_TMDB_ID

T = TypeVar("T", bound=Value)


class Success(Value, Generic[T]):
    """Every answer that worked."""

    success: Literal[True] = True
    data: T


class Failure(Value):
    """Every answer that did not; `error` is a sentence for a person, `code` is stable."""

    success: Literal[False] = False
    error: str = Field(examples=["Movie not found"])
    code: str = Field(examples=["movie_not_found"])
    field: str | None = Field(default=None, description="The field of the request that is wrong")
    movie_id: int | None = Field(default=None, description="The film of the library that is in the way")
    job_id: int | None = Field(default=None, description="The job that is in the way; it can be watched and cancelled")


class About(Value):
    """Which Metarr this is."""

    version: str
    demo: bool = Field(description="Providers are played by the sandbox; nothing comes from elsewhere")


class EnrichRequest(Request):
    """`POST /api/movies/{id}/enrich`."""

    force: bool = Field(default=False, strict=True, description="Bypass the cache")


class JobQueued(Value):
    """A job that was accepted."""

    job_id: int
    message: str = Field(examples=["Enrichment job queued"])
    estimated_duration: int = Field(ge=1, description="Seconds")


class BulkRunRequest(Request):
    """`POST /api/enrichment/bulk-run`."""

    force: bool = Field(default=False, strict=True, description="Bypass the cache")


class JobCancelled(Value):
    """A job that was asked to end."""

    job_id: int
    message: str = "Cancellation requested"


class MovieWritten(Value):
    """A film that was added, identified, changed or removed; read with `?after=seq` to see it."""

    movie_id: int | None
    result: str
    seq: int


class ImportResult(Value):
    """A small import's outcome, row by row."""

    added: int
    unchanged: int
    conflict: int
    rejected: int
    rows: tuple[ImportedRow, ...]
    seq: int


class IdentifyRequest(Request):
    """`POST /api/movies/{id}/identify`: exactly one of the two."""

    tmdb_id: int | None = Field(default=None, ge=1, le=MAX_TMDB_ID)
    imdb_id: str | None = None


class ChangeRequest(Request):
    """`PATCH /api/movies/{id}`: sets values (null clears), locks and unlocks fields; what is not named stays."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    year: int | None = Field(default=None, ge=1870, le=2200)
    fields: dict[str, Json] = Field(default_factory=dict, examples=[{"tagline": "Free your mind"}])
    lock: tuple[str, ...] = ()
    unlock: tuple[str, ...] = ()


class AddedMovie(ImportedRow):
    """`POST /api/movies`."""

    seq: int


def count(rows: tuple[ImportedRow, ...]) -> ImportCounts:
    """Rows by result."""
    results = [row.result for row in rows]
    return ImportCounts(
        added=results.count("added"),
        unchanged=results.count("unchanged"),
        conflict=results.count("conflict"),
        rejected=results.count("rejected"),
    )
