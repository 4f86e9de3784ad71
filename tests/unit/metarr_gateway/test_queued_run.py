"""A run whose command stands in the queue while the read models do not know of it."""

from datetime import UTC, datetime, timedelta

import pytest

from metarr_contracts.bulk import RunMovie
from metarr_contracts.commands import RunBulk
from metarr_contracts.envelope import Envelope
from metarr_contracts.readmodels import BulkStatus, CurrentRun, LiveRunStats
from metarr_gateway import examples
from metarr_gateway.queued_run import QueuedRun, queued_run, with_queued

NOW = datetime(2025, 11, 22, 5, tzinfo=UTC)
PUT = NOW - timedelta(seconds=40)
RUNNING = BulkStatus.model_validate(examples.ANSWERS["bulk_status"])
IDLE = RUNNING.model_copy(update={"current_run": None})
NEVER = IDLE.model_copy(update={"last_run": None})
LAST = 890
QUEUED = QueuedRun(LAST + 1, "schedule", force=True, since=PUT)


@pytest.mark.parametrize("status", [IDLE, NEVER])
def test_a_queued_run_is_the_present_one(status: BulkStatus) -> None:
    """It has looked at nothing yet; all else is as the read models say."""
    shown = with_queued(status, QUEUED, NOW)
    assert shown.current_run == CurrentRun(
        job_id=LAST + 1,
        trigger="schedule",
        force=True,
        started_at=PUT,
        progress=0,
        processed_movies=0,
        total_movies=1523,
        current_movie=RunMovie(id=0, title=""),
        rate_limited_providers=(),
        stats=LiveRunStats(total_movies=1523, processed=0, skipped=0, failed=0, remaining=1523),
        state="queued",
        elapsed=40,
    )
    assert shown.model_copy(update={"current_run": None}) == status


def test_no_command_no_run() -> None:
    """Nothing is queued."""
    assert with_queued(IDLE, None, NOW) == IDLE


def test_a_run_that_goes_on_is_shown_as_it_is() -> None:
    """Its command stands in the queue until it has ended."""
    assert with_queued(RUNNING, QUEUED, NOW) == RUNNING


@pytest.mark.parametrize("job_id", [LAST, LAST - 1])
def test_a_run_that_has_ended_is_not_queued(job_id: int) -> None:
    """Its command stands for a moment longer."""
    assert with_queued(IDLE, QueuedRun(job_id, "manual", force=False, since=PUT), NOW) == IDLE


def test_time_does_not_run_backwards() -> None:
    """Clocks of two machines differ."""
    shown = with_queued(IDLE, QUEUED, PUT - timedelta(seconds=5)).current_run
    assert shown is not None
    assert shown.elapsed == 0


def test_what_a_command_says() -> None:
    """Trigger and force are those of its body, the moment is that of its event."""
    envelope = Envelope(id="1", type="metarr.command.bulk-run.v1", source="/metarr/scheduler", time=PUT)
    body = RunBulk(force=True, trigger="schedule", scheduled_for=PUT).to_json()
    assert queued_run(LAST + 1, envelope.headers(), body, NOW) == QUEUED


@pytest.mark.parametrize("body", [b"", b"{}", b"?", b'{"force": 3.5}'])
def test_what_an_operator_wrote(body: bytes) -> None:
    """Without an envelope it is as old as it is stored; what cannot be read waits too, until it is rejected."""
    assert queued_run(7, {}, body, NOW) == QueuedRun(7, "operator", force=False, since=NOW)
