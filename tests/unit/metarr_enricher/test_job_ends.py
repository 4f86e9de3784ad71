"""Every job ends with one event, and each such event has its kind and outcome."""

from pathlib import Path
from typing import get_args

import pytest

from metarr_contracts.base import Value
from metarr_contracts.bulk import BulkEnded
from metarr_contracts.events import CommandRejected, MovieEnriched
from metarr_contracts.registry import TYPES
from metarr_enricher.job_ends import job_end
from metarr_enricher.metrics import JOB_ENDS, JobKind, JobOutcome

SAMPLES = Path(__file__).parents[3] / "contracts" / "samples"
ENDS = {
    "metarr.movie.enriched.v1": ("enrichment", {"completed", "partial"}),
    "metarr.movie.enrichment-failed.v1": ("enrichment", {"failed"}),
    "metarr.movie.enrichment-cancelled.v1": ("enrichment", {"cancelled"}),
    "metarr.import.completed.v1": ("import", {"completed"}),
    "metarr.import.failed.v1": ("import", {"failed"}),
    "metarr.import.cancelled.v1": ("import", {"cancelled"}),
    "metarr.bulk.ended.v1": ("bulk", set(get_args(JobOutcome)) - {"rejected"}),
    "metarr.job.command-rejected.v1": (None, {"rejected"}),
}


def sample(name: str) -> Value:
    """An event as it is stored."""
    return TYPES[name][0].model_validate_json((SAMPLES / f"{name}.json").read_bytes())


@pytest.mark.parametrize("name", sorted(name for name in TYPES if (SAMPLES / f"{name}.json").exists()))
def test_only_the_end_of_a_job_is_one(name: str) -> None:
    """Of all events there are."""
    end = job_end(sample(name))
    assert (end is not None) == (name in ENDS)
    if end is not None:
        kind, outcomes = ENDS[name]
        assert end[0] == (kind or end[0])
        assert end[1] in outcomes
        assert end in JOB_ENDS


@pytest.mark.parametrize("partial", [True, False])
def test_a_film_of_which_a_provider_did_not_answer_is_partial(partial: bool) -> None:  # noqa: FBT001
    """As the event says."""
    enriched = sample("metarr.movie.enriched.v1")
    assert isinstance(enriched, MovieEnriched)
    end = job_end(enriched.model_copy(update={"partial": partial}))
    assert end == ("enrichment", "partial" if partial else "completed")


@pytest.mark.parametrize("status", ["completed", "partial", "cancelled", "failed"])
def test_a_run_ends_as_its_status_says(status: str) -> None:
    """Each has a counter."""
    ended = sample("metarr.bulk.ended.v1")
    assert isinstance(ended, BulkEnded)
    end = job_end(ended.model_copy(update={"status": status}))
    assert end == ("bulk", status)
    assert end in JOB_ENDS


@pytest.mark.parametrize("kind", get_args(JobKind))
def test_any_command_can_be_rejected(kind: JobKind) -> None:
    """Of its kind."""
    rejected = sample("metarr.job.command-rejected.v1")
    assert isinstance(rejected, CommandRejected)
    end = job_end(rejected.model_copy(update={"kind": kind}))
    assert end == (kind, "rejected")
    assert end in JOB_ENDS


def test_what_cannot_be_read_is_no_end() -> None:
    """An event of another version."""
    assert job_end(None) is None
