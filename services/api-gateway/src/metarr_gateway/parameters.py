"""Parameters after the question mark that the queries of the bus do not know under that name."""

from pydantic import Field

from metarr_contracts.base import Request
from metarr_contracts.readmodels import MAX_PAGE, MAX_SEQ, Query

MAX_WIDTH = 4_000
MAX_STATE = 64


class JobParameters(Query):
    """`GET /api/jobs/{id}`."""

    row_offset: int = Field(
        default=0,
        ge=0,
        le=MAX_SEQ,
        description="Where in the noted rows of a large import, or in the failed films of a run, to begin",
    )


class HistoryParameters(Query):
    """`GET /api/movies/{id}/history`."""

    limit: int = Field(default=50, ge=1, le=MAX_PAGE)
    before: int | None = Field(
        default=None, ge=1, le=MAX_SEQ, description="`nextBefore` of the page before: only what is older than this"
    )


class PictureParameters(Request):
    """`GET /api/pictures/tmdb/{file}`."""

    w: int | None = Field(
        default=None, ge=1, le=MAX_WIDTH, description="Pixels that the picture shall be wide at least, where it is"
    )


class MoviePictureParameters(PictureParameters):
    """`GET /api/movies/{id}/images/{kind}`."""

    v: str | None = Field(
        default=None,
        max_length=MAX_STATE,
        description="Names a state of the film, so that a browser asks again after it has changed; otherwise ignored",
    )


class NoParameters(Request):
    """Where nothing may be asked for."""
