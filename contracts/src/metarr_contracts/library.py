"""Short commands on the library: request/reply with the enricher on `metarr.lib.<verb>`."""

from typing import Annotated

from pydantic import Field, StringConstraints

from metarr_contracts.base import AsWhole, Json, Request, Value
from metarr_contracts.events import ImportedRow
from metarr_contracts.fields import ProviderName
from metarr_contracts.identifiers import MAX_TMDB_ID
from metarr_contracts.movie import Candidate

MAX_IMPORT_ROWS = 200
"""Rows of one `metarr.lib.import` request."""


class AddMovie(Request):
    """A film as a person or a list knows it. At least a title or an id is needed; the enricher checks each field."""

    title: str | None = None
    year: Annotated[int | str | None, AsWhole] = None
    imdb_id: str | None = None
    tmdb_id: Annotated[int | str | None, AsWhole] = None


class ImportRow(AddMovie):
    """One row of an import; `row` counts from 1 without the header."""

    row: int = Field(ge=1)
    problem: str | None = Field(default=None, description="Why the line could not be read at all")


class ImportRows(Request):
    """Some rows of an import."""

    request: str = Field(description="Names the import, so that a repeated request knows its own work")
    rows: Annotated[tuple[ImportRow, ...], Field(min_length=1, max_length=MAX_IMPORT_ROWS)]


class AddRequest(AddMovie):
    """`metarr.lib.add`."""

    request: str | None = Field(default=None, description="A repeated request with the same name adds nothing twice")


class IdentifyMovie(Request):
    """`metarr.lib.identify`: exactly one of the two ids."""

    movie_id: int
    imdb_id: str | None = None
    tmdb_id: Annotated[int, Field(ge=1, le=MAX_TMDB_ID), AsWhole] | None = None


class ChangeMovie(Request):
    """`metarr.lib.change`: set values (null clears), lock and unlock fields; what is not named stays."""

    movie_id: int
    title: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    year: Annotated[int, Field(ge=1870, le=2200), AsWhole] | None = None
    fields: dict[str, Json] = Field(default_factory=dict)
    lock: tuple[str, ...] = ()
    unlock: tuple[str, ...] = ()


class RemoveMovie(Request):
    """`metarr.lib.remove`."""

    movie_id: int


class CancelJob(Request):
    """`metarr.lib.cancel`."""

    job_id: int


class ResumeProvider(Request):
    """`metarr.lib.resume`: ask this provider again, pause or not, by a request that tests it."""

    provider: ProviderName


class SearchMovies(Request):
    """`metarr.lib.search`: which films TMDB lists for a title, for a person to choose from; nothing is stored."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="All of it or words of it", json_schema_extra={"pattern": r"\S"}
    )
    year: int | None = Field(default=None, ge=1870, le=2200, description="Of any of the film's releases")


class Added(Value):
    """Reply to `add`."""

    result: ImportedRow
    seq: int = Field(description="Read models that have reached this sequence hold the film")


class Imported(Value):
    """Reply to `import`."""

    rows: tuple[ImportedRow, ...]
    seq: int


class Done(Value):
    """Reply to the other verbs."""

    movie_id: int | None = None
    job_id: int | None = None
    seq: int


class Resumed(Value):
    """Reply to `resume`: the provider answered when it was tested."""

    provider: ProviderName
    message: str = Field(examples=["OMDB answers again"])
    seq: int = Field(description="Read models that have reached this sequence show the provider as on")


class Found(Value):
    """Reply to `search`: up to 20 films in TMDB's order; `movieId` where the library has the film already."""

    candidates: tuple[Candidate, ...]


class Refused(Value):
    """Reply of a verb or query that was not carried out; the codes are those of HTTP."""

    error: str
    code: str
    field: str | None = None
    movie_id: int | None = Field(default=None, description="The film of the library that is in the way")
