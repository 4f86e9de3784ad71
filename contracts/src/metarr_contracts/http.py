"""Bodies of the HTTP API. Documented names, types and meanings are those of the product document."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field, SecretStr, StringConstraints
from pydantic.config import JsonDict

from metarr_contracts.base import AsWhole, Json, Request, Value
from metarr_contracts.events import ImportCounts, ImportedRow
from metarr_contracts.fields import FIELDS
from metarr_contracts.identifiers import MAX_TMDB_ID

T = TypeVar("T", bound=Value)

IMDB_ID = r"^\s*([tT][tT])?(?!0+\s*$)[0-9]{1,10}\s*$"
"""For the document; `canonical_imdb_id` reads it."""
MEMBERS = frozenset({"title", "year"})
FIELD_NAME: JsonDict = {"type": "string", "enum": [*FIELDS]}


def _given(name: str, kind: str) -> JsonDict:
    return {"type": "object", "required": [name], "properties": {name: {"type": kind}}}


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


class Session(Value):
    """Whether a key is asked for, and whether this client has shown it."""

    required: bool = Field(description="There is a key, and most addresses ask for it")
    signed_in: bool = Field(description="This client may use them all; always so where no key is required")


class SignIn(Request):
    """`POST /api/session`."""

    api_key: SecretStr


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


IgnoredColumns = Annotated[
    tuple[str, ...],
    Field(
        default=(),
        description="Columns, or keys of JSON objects, that nothing was read from: as in the file, at most 50",
        examples=[["Shelf", "Seen on"]],
    ),
]


class ImportResult(Value):
    """A small import's outcome, row by row."""

    added: int
    unchanged: int
    conflict: int
    rejected: int
    rows: tuple[ImportedRow, ...]
    ignored_columns: IgnoredColumns
    seq: int


class ImportQueued(JobQueued):
    """A large import that was accepted."""

    ignored_columns: IgnoredColumns


class IdentifyRequest(Request):
    """`POST /api/movies/{id}/identify`: exactly one of the two."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_given("tmdbId", "integer"), _given("imdbId", "string")]})

    tmdb_id: Annotated[int, Field(ge=1, le=MAX_TMDB_ID), AsWhole] | None = None
    imdb_id: str | None = Field(default=None, json_schema_extra={"pattern": IMDB_ID})


class ChangeRequest(Request):
    """`PATCH /api/movies/{id}`: sets values (null clears), locks and unlocks fields; what is not named stays."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    year: Annotated[int, Field(ge=1870, le=2200), AsWhole] | None = None
    fields: dict[str, Json] = Field(
        default_factory=dict,
        examples=[{"tagline": "Free your mind"}],
        json_schema_extra={"propertyNames": {"enum": [name for name in FIELDS if name not in MEMBERS]}},
    )
    lock: tuple[str, ...] = Field(default=(), json_schema_extra={"items": FIELD_NAME})
    unlock: tuple[str, ...] = Field(default=(), json_schema_extra={"items": FIELD_NAME})


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
