"""The run over the whole library: its facts on `metarr.evt.bulk`, one aggregate for all runs.

A run goes round the films' ids once, from a cursor that outlives it: the lowest id (in the order of the round) that it
has not settled. Settled is a film that was processed, skipped or failed.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from metarr_contracts.base import Utc, Value
from metarr_contracts.fields import ProviderName

RunEnd = Literal["completed", "partial", "cancelled", "failed"]
RunTrigger = Literal["manual", "schedule", "operator"]


class RunCounts(Value):
    """Films of a run. At every moment processed + skipped + failed + remaining = total."""

    total: int = Field(ge=0)
    processed: int = Field(default=0, ge=0, description="Every provider that is on has answered")
    skipped: int = Field(default=0, ge=0, description="Nothing was due, or (at the end) the run did not get there")
    failed: int = Field(default=0, ge=0, description="A provider failed; the film is unchanged and tried again")
    remaining: int = Field(ge=0, description="Not looked at yet; 0 at the end")

    @model_validator(mode="after")
    def _sum(self) -> Self:
        if self.processed + self.skipped + self.failed + self.remaining != self.total:
            raise ValueError("processed + skipped + failed + remaining is not total")
        return self

    @property
    def settled(self) -> int:
        """Films that the run has looked at."""
        return self.total - self.remaining


class RunMovie(Value):
    """The film a run is at."""

    id: int
    title: str
    year: int | None = None


class RunProvider(Value):
    """What a run had of one provider, so far or at its end. What a lead has not told before it dies is not counted."""

    name: ProviderName
    requests: int = Field(default=0, description="Questions put to it; repeating one that got no answer is not counted")
    found: int = 0
    not_found: int = 0
    failed: int = Field(default=0, description="Films for which it gave no answer")
    limited_at: Utc | None = Field(default=None, description="When its quota was used up in this run")


class FailedMovie(Value):
    """A film that a run could not complete, and why."""

    movie_id: int
    title: str
    error: str


class ResumeFrom(Value):
    """Where the next run begins. `position` counts the films in the order of their ids, from 1."""

    movie_id: int
    position: int
    title: str


class BulkStarted(Value):
    """A run begins. Ids up to `highest` take part; the round begins at `cursor`."""

    job_id: int
    attempt: int = Field(description="Delivery of the command, from 1")
    trigger: RunTrigger
    scheduled_for: Utc | None
    force: bool
    asked_since: Utc = Field(description="Under `force`: answers fetched before are not used")
    started_at: Utc
    cursor: int
    highest: int
    counts: RunCounts
    current: RunMovie
    providers: tuple[RunProvider, ...] = Field(description="Those that are on")


class BulkProgressed(Value):
    """How far a run is; at most every five seconds. Who takes the run over goes on from the last one."""

    job_id: int
    attempt: int = Field(description="Delivery of the command by which this was written, from 1")
    at: Utc
    cursor: int
    settled_above: tuple[int, ...] = Field(description="Ids settled beyond the cursor")
    counts: RunCounts
    current: RunMovie
    providers: tuple[RunProvider, ...]
    without: tuple[ProviderName, ...] = Field(default=(), description="Providers that the run goes on without")
    failures: tuple[FailedMovie, ...] = Field(default=(), description="Since the event before")
    waiting: str | None = Field(default=None, description="Why no film is started just now, for a person")
    waiting_until: Utc | None = Field(default=None, description="When it is tried again")


class BulkLimited(Value):
    """A provider's quota is used up: the run ends, or goes on without it."""

    job_id: int
    attempt: int
    at: Utc
    provider: ProviderName
    until: Utc | None
    stops: bool
    message: str = Field(examples=["OMDB rate limit reached - stopping bulk enrichment"])
    counts: RunCounts


class BulkEnded(Value):
    """A run ended, in whichever way. What remained counts as skipped."""

    job_id: int
    attempt: int
    completed_at: Utc
    status: RunEnd
    cursor: int = Field(description="Where the next run begins")
    counts: RunCounts
    providers: tuple[RunProvider, ...]
    resume_from: ResumeFrom | None = Field(
        default=None, description="None when the whole round was done, or nobody could lead the run any more"
    )
    error: str | None = None
    code: Literal["key_refused", "all_providers_failed", "provider_away", "gave_up"] | None = None


BulkEvent = BulkStarted | BulkProgressed | BulkLimited | BulkEnded
