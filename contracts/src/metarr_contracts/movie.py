"""What is said of one film in events, answers and read models alike."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from metarr_contracts.base import PART, Json, Utc, Value
from metarr_contracts.fields import ProviderName

Outcome = Literal[
    "found", "not_found", "throttled", "quota_exhausted", "unauthorized", "unavailable", "unexpected", "off"
]
ANSWERED: frozenset[Outcome] = frozenset({"found", "not_found"})
LIMITED: frozenset[Outcome] = frozenset({"throttled", "quota_exhausted"})
FAILED: frozenset[Outcome] = frozenset({"unauthorized", "unavailable", "unexpected"})

MissingReason = Literal["not_fetched", "not_provided", "rate_limited", "provider_error", "provider_off"]
Identification = Literal["identified", "unidentified", "pending"]
Band = Literal["enriched", "partial", "unenriched"]


class ExternalIds(Value):
    """The ids by which the world knows a film."""

    imdb: str | None = Field(default=None, pattern=r"^tt\d{7,10}$", examples=["tt0133093"])
    tmdb: int | None = Field(default=None, gt=0, examples=[603])

    def asked_with(self) -> frozenset[str]:
        """The forms in which an answer says what it was asked with."""
        imdb = {f"imdb:{self.imdb}"} if self.imdb else set()
        return frozenset(imdb | ({f"tmdb:{self.tmdb}"} if self.tmdb else set()))


@dataclass(frozen=True, slots=True, kw_only=True, config=PART)
class FieldValue:
    """A value and where it comes from."""

    value: Json
    source: Annotated[str, Field(examples=["tmdb"], description="A provider, or `user`")]
    fetched_at: Utc
    language: Annotated[str | None, Field(description="ISO 639-1; None where the value has no language")] = None
    asked_with: Annotated[str | None, Field(examples=["imdb:tt0133093"])] = None


class ProviderOutcome(Value):
    """How one provider fared in one enrichment."""

    name: ProviderName
    outcome: Outcome
    fetched_at: Utc | None = Field(default=None, description="When the answer in use was fetched")
    limited_until: Utc | None = None
    cached: bool = Field(default=False, description="The answer was still fresh; nobody was asked")
    message: str | None = Field(default=None, description="What went wrong, for a person")
    asked_with: str | None = Field(
        default=None, examples=["imdb:tt0133093"], description="What the answer was asked with"
    )
    vain: int = Field(default=0, ge=0, description="How many times in a row the same answer has come since the first")
    requests: int = Field(default=0, ge=0, description="Questions that this job has put to the provider")


def fresh_since(providers: Sequence[ProviderOutcome]) -> datetime | None:
    """When the oldest answer was fetched if all were still fresh and nobody was asked; else None."""
    answers = [fared for fared in providers if fared.outcome != "off"]
    times = [fared.fetched_at for fared in answers if fared.cached and fared.fetched_at is not None]
    return min(times) if times and len(times) == len(answers) else None


@dataclass(frozen=True, slots=True, kw_only=True, config=PART)
class MissingField:
    """A tracked field without a value, why, and who could supply it."""

    field: str
    reason: MissingReason
    providers: tuple[ProviderName, ...]


class Candidate(Value):
    """A film that a title may mean."""

    tmdb_id: int
    title: str
    original_title: str | None = None
    year: int | None = None
    poster: str | None = None
    overview: str | None = None
    movie_id: int | None = Field(default=None, description="The film of this library that already has this id")


class Completeness(Value):
    """How complete a film was before and is after an event, in percent."""

    before: int = Field(ge=0, le=100)
    after: int = Field(ge=0, le=100)


ENRICHED_FROM = 90
PARTIAL_FROM = 60


def band(completeness: int) -> Band:
    """Which of the three groups a completeness in percent belongs to; badges, bars and library counts agree on it."""
    if completeness >= ENRICHED_FROM:
        return "enriched"
    return "partial" if completeness >= PARTIAL_FROM else "unenriched"


def display_title(title: str | None, ids: ExternalIds) -> str:
    """What a film is called before anybody has told its title."""
    return title or ids.imdb or (f"TMDB {ids.tmdb}" if ids.tmdb else "Untitled")
