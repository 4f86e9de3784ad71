"""Shows a run that nobody has begun: its command stands in the queue, the read models do not know of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from metarr_contracts.bulk import RunMovie, RunTrigger
from metarr_contracts.commands import RunBulk
from metarr_contracts.envelope import read_envelope
from metarr_contracts.readmodels import BulkStatus, CurrentRun, LiveRunStats


@dataclass(frozen=True)
class QueuedRun:
    """What a command says of its run. `since` is when it was put into the queue."""

    job_id: int
    trigger: RunTrigger
    force: bool
    since: datetime


def queued_run(job_id: int, headers: Mapping[str, str], body: bytes, stored_at: datetime) -> QueuedRun:
    """The run of a command; one that cannot be read counts as one without a body until it is rejected."""
    try:
        command = RunBulk.model_validate_json(body or b"{}")
    except ValidationError:
        command = RunBulk()
    return QueuedRun(job_id, command.trigger, command.force, _put_at(headers) or stored_at)


def with_queued(status: BulkStatus, queued: QueuedRun | None, now: datetime) -> BulkStatus:
    """The status with this run as the present one, unless another one goes on or this one has ended."""
    ended = status.last_run.job_id if status.last_run is not None else 0
    if queued is None or status.current_run is not None or queued.job_id <= ended:
        return status
    films = status.total_movies
    run = CurrentRun(
        job_id=queued.job_id,
        trigger=queued.trigger,
        force=queued.force,
        started_at=queued.since,
        progress=0,
        processed_movies=0,
        total_movies=films,
        current_movie=RunMovie(id=0, title=""),
        rate_limited_providers=(),
        stats=LiveRunStats(total_movies=films, processed=0, skipped=0, failed=0, remaining=films),
        state="queued",
        elapsed=max(0, int((now - queued.since).total_seconds())),
    )
    return status.model_copy(update={"current_run": run})


def _put_at(headers: Mapping[str, str]) -> datetime | None:
    try:
        return read_envelope(headers).time
    except ValidationError:
        return None
