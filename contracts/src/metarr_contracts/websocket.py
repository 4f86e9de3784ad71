"""Frames of `/ws`. The messages to clients are also what travels on `metarr.live.>`, unchanged."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from metarr_contracts.base import AsWhole, Request, Utc, Value
from metarr_contracts.bulk import RunEnd, RunMovie
from metarr_contracts.fields import ProviderName
from metarr_contracts.readmodels import MAX_MOVIE_ID, BulkStatus, LiveRunStats, MovieStatus, RunStats

Channel = Literal["movie:enrichment", "bulk:enrichment"]


class Subscribe(Request):
    """Narrow this socket to a channel; `movie:enrichment` without `movieId` means all films."""

    type: Literal["subscribe"]
    channel: Channel
    movie_id: Annotated[int, Field(ge=1, le=MAX_MOVIE_ID), AsWhole] | None = None


class Unsubscribe(Request):
    """Undo a subscribe with the same channel and film."""

    type: Literal["unsubscribe"]
    channel: Channel
    movie_id: Annotated[int, Field(ge=1, le=MAX_MOVIE_ID), AsWhole] | None = None


class Ping(Request):
    """Ask for a `pong`."""

    type: Literal["ping"]


ClientFrame = Annotated[Subscribe | Unsubscribe | Ping, Field(discriminator="type")]
CLIENT_FRAME: TypeAdapter[Subscribe | Unsubscribe | Ping] = TypeAdapter(ClientFrame)


class EnrichmentProgress(Value):
    """A provider answered; 0 at the start, floored percentages."""

    type: Literal["enrichment:progress"] = "enrichment:progress"
    movie_id: int
    job_id: int
    progress: int = Field(ge=0, le=100)
    current_provider: ProviderName | None
    providers_complete: tuple[ProviderName, ...]
    providers_remaining: tuple[ProviderName, ...]


class EnrichmentComplete(Value):
    """A refresh ended and a refetch shows its result."""

    type: Literal["enrichment:complete"] = "enrichment:complete"
    movie_id: int
    job_id: int
    seq: int
    completeness: int
    partial: bool
    rate_limited_providers: tuple[ProviderName, ...]
    fresh_since: Utc | None = Field(
        default=None, description="Every answer was still fresh and nobody was asked: when the oldest was fetched"
    )


class EnrichmentFailedNote(Value):
    """A refresh ended without a result; `code` tells a cancelled one apart."""

    type: Literal["enrichment:failed"] = "enrichment:failed"
    movie_id: int
    job_id: int
    seq: int
    error: str
    code: Literal["all_providers_failed", "gave_up", "incomplete", "cancelled", "movie_not_found", "invalid_command"]


class BulkProgress(Value):
    """How far a run is; at most every five seconds, at the start and before the end."""

    type: Literal["bulk:progress"] = "bulk:progress"
    job_id: int
    seq: int
    progress: int = Field(ge=0, le=100)
    processed_movies: int = Field(description="Films that the run has looked at")
    total_movies: int
    current_movie: RunMovie
    rate_limited_providers: tuple[ProviderName, ...]
    stats: LiveRunStats
    waiting: str | None = None
    waiting_until: Utc | None = None


class BulkRateLimit(Value):
    """A provider's quota is used up."""

    type: Literal["bulk:rate_limit"] = "bulk:rate_limit"
    job_id: int
    seq: int
    provider: ProviderName
    processed_movies: int
    total_movies: int
    message: str = Field(examples=["OMDB rate limit reached - stopping bulk enrichment"])
    until: Utc | None = None


class BulkComplete(Value):
    """A run ended, in whichever way, and a refetch shows its result.

    One that was refused before it began is `failed`: no film is counted, and `error` says why.
    """

    type: Literal["bulk:complete"] = "bulk:complete"
    job_id: int
    seq: int
    status: RunEnd
    stats: RunStats
    rate_limit_hit: bool
    rate_limited_providers: tuple[ProviderName, ...]
    error: str | None = None


class Subscribed(Value):
    """Acknowledges a subscribe. `status` is the present state of the film or of runs; progress of what runs follows."""

    type: Literal["subscribed"] = "subscribed"
    channel: Channel
    movie_id: int | None = None
    status: MovieStatus | BulkStatus | None = None


class Unsubscribed(Value):
    """Acknowledges an unsubscribe."""

    type: Literal["unsubscribed"] = "unsubscribed"
    channel: Channel
    movie_id: int | None = None


class Pong(Value):
    """Answers a ping."""

    type: Literal["pong"] = "pong"


class ErrorFrame(Value):
    """A frame could not be carried out; the socket stays open."""

    type: Literal["error"] = "error"
    error: str
    code: Literal["invalid_json", "invalid_frame", "movie_not_found", "unavailable", "too_many_subscriptions"]
    movie_id: int | None = None


MovieNote = EnrichmentProgress | EnrichmentComplete | EnrichmentFailedNote
MOVIE_NOTE: TypeAdapter[MovieNote] = TypeAdapter(Annotated[MovieNote, Field(discriminator="type")])
BulkNote = BulkProgress | BulkRateLimit | BulkComplete
BULK_NOTE: TypeAdapter[BulkNote] = TypeAdapter(Annotated[BulkNote, Field(discriminator="type")])
ServerFrame = MovieNote | BulkNote | Subscribed | Unsubscribed | Pong | ErrorFrame
SERVER_FRAME: TypeAdapter[ServerFrame] = TypeAdapter(Annotated[ServerFrame, Field(discriminator="type")])
