"""What a batch does to the rows of runs and of their schedule, as plain values; None leaves a column as it is."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Literal

from metarr_contracts.bulk import ResumeFrom, RunCounts, RunEnd, RunMovie, RunProvider, RunTrigger
from metarr_contracts.fields import ProviderName

RunStatus = RunEnd | Literal["running"]


@dataclass(slots=True)
class RunPatch:
    """What happens to the row of one run."""

    job_id: int
    seq: int
    """Of the last event that says something of the run."""
    status: RunStatus | None = None
    counts: RunCounts | None = None
    activity_id: int | None = None
    """Sequence of the event with which the run began; only a patch that has it makes a row."""
    trigger: RunTrigger | None = None
    force: bool | None = None
    scheduled_for: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    looked_at: int | None = None
    """Films that the run has looked at; the counts of its end no longer tell them from the others."""
    current: RunMovie | None = None
    providers: tuple[RunProvider, ...] | None = None
    limits: dict[ProviderName, datetime] = field(default_factory=dict)
    """When quotas were used up; the first moment of a provider stays."""
    waiting: str | None = None
    """Why no film is started just now; empty when there is no reason."""
    waiting_until: datetime | None = None
    """Said together with `waiting`, so that it goes with the reason."""
    cancelling: bool | None = None
    """A person wants the run to end; once said it stays, whatever is told of films that were at work."""
    resume_from: ResumeFrom | None = None
    error: str | None = None

    def then(self, later: "RunPatch") -> "RunPatch":
        """Both, one after the other, as the writer would do them one after the other."""
        said = {part.name: getattr(later, part.name) for part in fields(RunPatch)}
        kept = {name: getattr(self, name) if value is None else value for name, value in said.items()}
        waits = self if later.waiting is None else later
        return RunPatch(**{**kept, "limits": later.limits | self.limits, "waiting_until": waits.waiting_until})


@dataclass(frozen=True, slots=True)
class NightRow:
    """A night that was left out: another run was going (`skipped`, with its job), or nobody was there (`missed`)."""

    activity_id: int
    """Sequence of the event."""
    status: Literal["skipped", "missed"]
    job_id: int | None
    due: datetime
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """When the next run is due; without a moment and a rule while the schedule is off."""

    scheduled_for: datetime | None
    cron: str | None
    time_zone: str
