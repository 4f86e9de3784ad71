"""What is asked of the enricher through METARR_COMMANDS: long work, one message for each job."""

from typing import Literal

from pydantic import Field

from metarr_contracts.base import Request, Utc, Value
from metarr_contracts.bulk import RunTrigger
from metarr_contracts.fields import ProviderName

Mode = Literal["best_effort", "complete"]


class RunPart(Value):
    """One film's part of a run: the run has decided who is to be asked."""

    id: int = Field(description="The run's job id")
    due: tuple[ProviderName, ...] = Field(description="Who is to be asked; of the others the stored answer is used")
    asked_since: Utc = Field(description="When the run began: what was fetched since then is not asked for again")
    without: tuple[ProviderName, ...] = Field(
        default=(), description="Providers whose used-up quota does not keep the film from being complete"
    )
    reserve: int = Field(default=0, description="Percent of a known daily quota that is left for manual refreshes")


class EnrichMovie(Request):
    """Refresh one film. An empty body means the defaults, so that `nats req metarr.cmd.enrich.123 '{}'` works."""

    force: bool = Field(default=False, description="Do not use answers older than this command")
    trigger: Literal["manual", "schedule", "operator"] = "operator"
    mode: Mode = Field(
        default="best_effort",
        description="`complete`: the film is changed only if every provider that is on answers",
    )
    run: RunPart | None = Field(default=None, description="Set when this is a part of a run over the whole library")


class RunBulk(Request):
    """Go through the whole library. `scheduledFor` names the night, which is run once."""

    force: bool = Field(default=False, description="Do not use answers older than this command")
    trigger: RunTrigger = "operator"
    scheduled_for: Utc | None = None


class ImportUpload(Request):
    """Import the rows of an uploaded object (newline-delimited JSON, one `ImportRow` a line)."""

    upload: str
    rows: int = Field(ge=1)


Command = EnrichMovie | RunBulk | ImportUpload
