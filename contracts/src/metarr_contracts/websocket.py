"""Frames of `/ws`. The messages to clients are also what travels on `metarr.live.>`, unchanged."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from metarr_contracts.base import Request, Utc, Value
from metarr_contracts.fields import ProviderName
from metarr_contracts.readmodels import MAX_MOVIE_ID, MovieStatus

Channel = Literal["movie:enrichment", "bulk:enrichment"]


class Subscribe(Request):
    """Narrow this socket to a channel; `movie:enrichment` without `movieId` means all films."""

    type: Literal["subscribe"]
    channel: Channel
    movie_id: int | None = Field(default=None, ge=1, le=MAX_MOVIE_ID)


class Unsubscribe(Request):
    """Undo a subscribe with the same channel and film."""

    type: Literal["unsubscribe"]
    channel: Channel
    movie_id: int | None = Field(default=None, ge=1, le=MAX_MOVIE_ID)


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
    code: Literal["all_providers_failed", "gave_up", "cancelled", "movie_not_found", "invalid_command"]


class Subscribed(Value):
    """Acknowledges a subscribe. `status` is the film's present state; a running job's last progress follows."""

    type: Literal["subscribed"] = "subscribed"
    channel: Channel
    movie_id: int | None = None
    status: MovieStatus | None = None


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
ServerFrame = MovieNote | Subscribed | Unsubscribed | Pong | ErrorFrame
