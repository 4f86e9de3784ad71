"""What a batch of events does to the rows, as plain values: later events of a film overwrite earlier ones in its patch.

None means that a column stays as it is; that is why no row needs to be read before it is written.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar

from metarr_contracts.bulk import FailedMovie
from metarr_contracts.events import ImportCounts, ImportedRow
from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import Candidate, ExternalIds, FieldValue, MissingField, ProviderOutcome
from metarr_contracts.readmodels import LastJob
from metarr_projector.patches_runs import NightRow, RunPatch, ScheduleRow

T = TypeVar("T")


@dataclass(slots=True)
class MoviePatch:
    """What happens to the rows of one film."""

    movie_id: int
    removed: bool = False
    """The rows that were there before this batch go; what else is said here comes after that."""
    added_at: datetime | None = None
    """The film is new; only such a patch makes rows."""
    given: tuple[str | None, int | None] | None = None
    """Title and year as the user gave them; where he gave none those of the fields are shown."""
    ids: ExternalIds | None = None
    candidates: tuple[Candidate, ...] | None = None
    searched: bool | None = None
    """Title and year were looked up and no single film was meant."""
    completeness: int | None = None
    missing: tuple[MissingField, ...] | None = None
    partial: bool | None = None
    providers: tuple[ProviderOutcome, ...] | None = None
    last_enriched: datetime | None = None
    duration: float | None = None
    """Seconds, one decimal."""
    last_job: LastJob | None = None
    locked: tuple[str, ...] | None = None
    fields: dict[str, FieldValue | None] = field(default_factory=dict)
    """The value that a field gets; None takes it away."""


@dataclass(slots=True)
class JobPatch:
    """What happens to the row of one job."""

    job_id: int
    kind: Literal["enrichment", "import", "bulk"]
    state: Literal["running", "completed", "failed", "cancelled"]
    movie_id: int | None = None
    progress: int | None = None
    started_at: datetime | None = None
    """Unlike the other columns the first one stays."""
    completed_at: datetime | None = None
    error: str | None = None
    code: str | None = None
    processed: int | None = None
    total: int | None = None
    counts: ImportCounts | None = None

    def then(self, later: "JobPatch") -> "JobPatch":
        """Both, one after the other, as the writer would do them one after the other."""
        return JobPatch(
            job_id=self.job_id,
            kind=self.kind,
            state=later.state,
            movie_id=self.movie_id,
            progress=_last(self.progress, later.progress),
            started_at=_last(later.started_at, self.started_at),
            completed_at=_last(self.completed_at, later.completed_at),
            error=_last(self.error, later.error),
            code=_last(self.code, later.code),
            processed=_last(self.processed, later.processed),
            total=_last(self.total, later.total),
            counts=_last(self.counts, later.counts),
        )


def _last(earlier: T | None, later: T | None) -> T | None:
    return earlier if later is None else later


@dataclass(frozen=True, slots=True)
class ProviderPatch:
    """What one event does to the row of a provider; condition, since, until and reason are always said anew."""

    name: ProviderName
    condition: Literal["none", "paused", "quota_used_up", "key_refused"]
    since: datetime
    until: datetime | None = None
    reason: str | None = None
    configured: bool | None = None
    """On or off; said together with the key."""
    key: str | None = None
    """Fingerprint; what was learned with another key is forgotten."""
    learned: int | None = None
    """Requests that day until the quota was used up."""
    learned_at: datetime | None = None
    """Said together with `learned`; which of several counts is said by `quotas.learn`."""


@dataclass(frozen=True, slots=True)
class DeadEvent:
    """An event that this version cannot read."""

    seq: int
    subject: str
    type: str
    reason: str


@dataclass(slots=True)
class Changes:
    """All that a batch does."""

    movies: dict[int, MoviePatch] = field(default_factory=dict)
    jobs: dict[int, JobPatch] = field(default_factory=dict)
    import_rows: dict[tuple[int, int], ImportedRow] = field(default_factory=dict)
    runs: dict[int, RunPatch] = field(default_factory=dict)
    run_failures: dict[tuple[int, int], FailedMovie] = field(default_factory=dict)
    nights: dict[int, NightRow] = field(default_factory=dict)
    schedule: ScheduleRow | None = None
    providers: list[ProviderPatch] = field(default_factory=list)
    """In their order: what a patch does depends on the key that the row holds by then, and there are few."""
    dead: list[DeadEvent] = field(default_factory=list)

    def movie(self, movie_id: int) -> MoviePatch:
        """The film's patch in this batch; an empty one at first."""
        patch = self.movies.get(movie_id)
        if patch is None:
            patch = self.movies[movie_id] = MoviePatch(movie_id)
        return patch

    def add_job(self, patch: JobPatch) -> None:
        """What happens to a job, after what happened to it before in this batch."""
        before = self.jobs.get(patch.job_id)
        self.jobs[patch.job_id] = patch if before is None else before.then(patch)

    def add_run(self, patch: RunPatch) -> None:
        """What happens to a run, after what happened to it before in this batch."""
        before = self.runs.get(patch.job_id)
        self.runs[patch.job_id] = patch if before is None else before.then(patch)
