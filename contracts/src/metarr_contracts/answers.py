"""What a provider answered: stored in METARR_ANSWERS before anything is decided from it. The last one is the cache."""

from datetime import date
from typing import Literal

from pydantic import Field

from metarr_contracts.base import Json, Utc, Value
from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import Candidate, ExternalIds


class AnsweredValue(Value):
    """One value of an answer; never an empty one."""

    value: Json
    language: str | None = None


class ProviderAnswered(Value):
    """A provider's answer on one film, parsed. Only answers are stored; failures are not."""

    provider: ProviderName
    movie_id: int
    job_id: int
    asked_with: str = Field(examples=["imdb:tt0133093", "tmdb:603"])
    outcome: Literal["found", "not_found"]
    fetched_at: Utc
    fields: dict[str, AnsweredValue] = Field(default_factory=dict)
    ids: ExternalIds = ExternalIds()
    vain: int = Field(default=0, ge=0, description="How many times in a row the same answer has come since the first")


class LookupAnswered(Value):
    """TMDB's answer to which film an IMDb id or a title means."""

    movie_id: int
    job_id: int
    asked_with: str = Field(examples=["imdb:tt0133093", "title:the matrix|1999"])
    fetched_at: Utc
    tmdb_id: int | None = Field(default=None, description="The one film that it means, by the rule of identification")
    candidates: tuple[Candidate, ...] = ()
    vain: int = Field(default=0, ge=0, description="How many times in a row the same answer has come since the first")


class ChangesAnswered(Value):
    """The films that TMDB says were changed on one UTC day, asked for after it was over."""

    day: date
    fetched_at: Utc
    tmdb_ids: tuple[int, ...]
