"""Patches of runs as rows of their staging table: pure, and the only place that knows its columns' order."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from metarr_contracts.bulk import RunCounts, RunProvider
from metarr_contracts.fields import ProviderName
from metarr_projector.patches_runs import RunPatch

RUN_PROVIDERS: TypeAdapter[tuple[RunProvider, ...]] = TypeAdapter(tuple[RunProvider, ...])
LIMITS: TypeAdapter[dict[ProviderName, datetime]] = TypeAdapter(dict[ProviderName, datetime])

COUNTS = ("total", "processed", "skipped", "failed", "remaining")
RUN_COLUMNS = {
    "job_id": "bigint",
    "seq": "bigint",
    "status": "text",
    **dict.fromkeys(COUNTS, "integer"),
    "activity_id": "bigint",
    "trigger": "text",
    "force": "boolean",
    "scheduled_for": "timestamptz",
    "started_at": "timestamptz",
    "completed_at": "timestamptz",
    "looked_at": "integer",
    "current": "jsonb",
    "providers": "jsonb",
    "limits": "jsonb",
    "waiting": "text",
    "waiting_until": "timestamptz",
    "cancelling": "boolean",
    "resume_from": "jsonb",
    "error": "text",
}


def run_rows(patches: Iterable[RunPatch]) -> list[Sequence[Any]]:
    """A row of RUN_COLUMNS for each run."""
    return [
        (
            patch.job_id,
            patch.seq,
            patch.status,
            *_counts(patch.counts),
            patch.activity_id,
            patch.trigger,
            patch.force,
            patch.scheduled_for,
            patch.started_at,
            patch.completed_at,
            patch.looked_at,
            patch.current.to_json().decode() if patch.current else None,
            None if patch.providers is None else RUN_PROVIDERS.dump_json(patch.providers, by_alias=True).decode(),
            LIMITS.dump_json(patch.limits).decode(),
            patch.waiting,
            patch.waiting_until,
            patch.cancelling,
            patch.resume_from.to_json().decode() if patch.resume_from else None,
            patch.error,
        )
        for patch in patches
    ]


def _counts(counts: RunCounts | None) -> Sequence[int | None]:
    return [None if counts is None else getattr(counts, name) for name in COUNTS]
