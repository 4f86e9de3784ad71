"""The facts of METARR_EVENTS. Each is one decision; its body holds all that a read model needs."""

from typing import Literal

from pydantic import Field

from metarr_contracts.base import Utc, Value
from metarr_contracts.bulk import BulkEvent
from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import (
    Candidate,
    Completeness,
    ExternalIds,
    FieldValue,
    MissingField,
    ProviderOutcome,
)
from metarr_contracts.rules import RulesChanged

ClaimKind = Literal["imdb", "tmdb", "title"]
IdentifiedBy = Literal["user", "lookup", "provider"]


class MovieAdded(Value):
    """A film came into the library. `request` names the row that added it: a repeated request knows its own work."""

    movie_id: int
    title: str | None = Field(description="As the user gave it; None for a film that is known by an id alone")
    year: int | None
    ids: ExternalIds
    request: str
    missing: tuple[MissingField, ...]


class MovieIdentified(Value):
    """The film's external ids are these from now on. Values fetched with an id it no longer has are dropped."""

    movie_id: int
    ids: ExternalIds
    by: IdentifiedBy
    job_id: int | None = None
    dropped: tuple[str, ...] = ()
    completeness: Completeness
    missing: tuple[MissingField, ...]


class CandidatesFound(Value):
    """No single film answers to title and year; a person has to choose (or nothing was found: no candidates)."""

    movie_id: int
    job_id: int
    candidates: tuple[Candidate, ...]


class MovieChanged(Value):
    """A person set, cleared or locked values. `locked` is the whole list from now on."""

    movie_id: int
    title: str | None = Field(description="As the user gave it, at first or now")
    year: int | None
    changed: dict[str, FieldValue]
    cleared: tuple[str, ...]
    locked: tuple[str, ...]
    completeness: Completeness
    missing: tuple[MissingField, ...]


class MovieRemoved(Value):
    """The film left the library; always the last event of its subject."""

    movie_id: int
    ids: ExternalIds
    completeness: int


class _JobEnd(Value):
    movie_id: int
    job_id: int
    run_id: int | None = Field(default=None, description="The bulk run that this job belongs to")
    started_at: Utc
    completed_at: Utc


class MovieEnriched(_JobEnd):
    """A refresh ended with at least one answer. Values that did not change are not repeated."""

    title: str | None = Field(default=None, description="The film's title after this event")
    year: int | None = None
    partial: bool
    changed: dict[str, FieldValue]
    providers: tuple[ProviderOutcome, ...]
    completeness: Completeness
    missing: tuple[MissingField, ...]


class EnrichmentFailed(_JobEnd):
    """A refresh ended without any answer, or was given up; no value of the film changed.

    `incomplete`: a run changes a film only if every provider that is on answers; the film is as if not asked about.
    """

    code: Literal["all_providers_failed", "gave_up", "incomplete"]
    error: str
    providers: tuple[ProviderOutcome, ...]
    missing: tuple[MissingField, ...]


class EnrichmentCancelled(_JobEnd):
    """A person cancelled the refresh; no value of the film changed."""


class CancelRequested(Value):
    """A person wants this job to end."""

    job_id: int


class CommandRejected(Value):
    """A command that cannot be carried out: its film does not exist, or it cannot be read."""

    job_id: int
    kind: Literal["enrichment", "import", "bulk"]
    movie_id: int | None
    code: Literal["movie_not_found", "invalid_command", "already_ran", "gave_up"]
    error: str


class ImportedRow(Value):
    """What became of one row of an import."""

    row: int = Field(ge=1, description="Counted from 1, without the header")
    result: Literal["added", "unchanged", "conflict", "rejected"]
    movie_id: int | None = None
    title: str | None = None
    field: str | None = None
    reason: str | None = None
    note: str | None = Field(default=None, description="What was read differently from how it was written")


class ImportCounts(Value):
    """Rows of an import by result."""

    added: int = 0
    unchanged: int = 0
    conflict: int = 0
    rejected: int = 0


class ImportProgressed(Value):
    """A chunk of a large import is in. `noted` are the chunk's rows that a person wants to see."""

    job_id: int
    chunk: int
    processed: int
    total: int
    counts: ImportCounts
    noted: tuple[ImportedRow, ...]
    at: Utc


class ImportCompleted(Value):
    """A large import ended; every row has its result."""

    job_id: int
    total: int
    counts: ImportCounts
    completed_at: Utc


class ImportFailed(Value):
    """A large import was given up; the rows done so far stay."""

    job_id: int
    error: str
    completed_at: Utc


class ImportCancelled(Value):
    """A person cancelled a large import; the rows done so far stay."""

    job_id: int
    completed_at: Utc


class ClaimTaken(Value):
    """This id means this film."""

    kind: ClaimKind
    id: str
    movie_id: int


class ClaimReleased(Value):
    """This id is free again."""

    kind: ClaimKind
    id: str
    movie_id: int


class ProviderConfigured(Value):
    """A provider was switched on or off, or given another key; lifts pauses and refusals."""

    provider: ProviderName
    on: bool
    key_fingerprint: str | None
    at: Utc


class ProviderPaused(Value):
    """A provider is not asked until then."""

    provider: ProviderName
    reason: Literal["quota", "failures"]
    until: Utc
    message: str
    at: Utc
    requests: int | None = Field(
        default=None, description="Requests made that UTC day until the quota was used up: as much is the quota worth"
    )


class ProviderResumed(Value):
    """A provider answers again."""

    provider: ProviderName
    at: Utc
    by: Literal["answer", "user"] = "answer"


class ProviderKeyRefused(Value):
    """A provider refused our key; it is not asked again until an hour has passed or the key has changed."""

    provider: ProviderName
    message: str
    at: Utc


class SchedulePlanned(Value):
    """When the next nightly run is due; None while the schedule is off."""

    scheduled_for: Utc | None
    cron: str | None
    time_zone: str
    due: Utc | None = Field(default=None, description="The last night that was dealt with; no earlier one is run")
    at: Utc


class _Due(SchedulePlanned):
    """What became of a night that was due. `scheduled_for` is the next one already."""

    due: Utc = Field(description="The moment that had come")


class ScheduleFired(_Due):
    """The nightly run was started in time."""

    job_id: int


class ScheduleCaughtUp(_Due):
    """The nightly run was started late, since nobody was there in time."""

    job_id: int


class ScheduleSkipped(_Due):
    """The night was left out: another run was still going."""

    job_id: int = Field(description="The run that was going")


class ScheduleMissed(_Due):
    """The night was left out: nobody was there in time, nor within the grace period."""


MovieEvent = (
    MovieAdded
    | MovieIdentified
    | CandidatesFound
    | MovieChanged
    | MovieRemoved
    | MovieEnriched
    | EnrichmentFailed
    | EnrichmentCancelled
    | CancelRequested
)
JobEvent = CommandRejected | ImportProgressed | ImportCompleted | ImportFailed | ImportCancelled | CancelRequested
ClaimEvent = ClaimTaken | ClaimReleased
ProviderEvent = ProviderConfigured | ProviderPaused | ProviderResumed | ProviderKeyRefused
ScheduleEvent = SchedulePlanned | ScheduleFired | ScheduleCaughtUp | ScheduleSkipped | ScheduleMissed
Event = MovieEvent | JobEvent | ClaimEvent | ProviderEvent | ScheduleEvent | BulkEvent | RulesChanged
