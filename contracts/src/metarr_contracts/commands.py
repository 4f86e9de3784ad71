"""What is asked of the enricher through METARR_COMMANDS: long work, one message for each job."""

from typing import Literal

from pydantic import Field

from metarr_contracts.base import Request


class EnrichMovie(Request):
    """Refresh one film. An empty body means the defaults, so that `nats req metarr.cmd.enrich.123 '{}'` works."""

    force: bool = Field(default=False, description="Do not use answers older than this command")
    trigger: Literal["manual", "schedule", "operator"] = "operator"


class ImportUpload(Request):
    """Import the rows of an uploaded object (newline-delimited JSON, one `ImportRow` a line)."""

    upload: str
    rows: int = Field(ge=1)


Command = EnrichMovie | ImportUpload
