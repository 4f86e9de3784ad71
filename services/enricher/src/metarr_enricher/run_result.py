"""What a job's end means to the run over the whole library that it belongs to. Pure."""

from typing import Literal, assert_never

from metarr_contracts.events import EnrichmentCancelled, EnrichmentFailed, MovieEnriched
from metarr_contracts.movie import Outcome

RunResult = Literal["processed", "failed", "cancelled", "unsettled"]
"""`unsettled`: it is no fault of the film that it is not done; the run has not dealt with it."""

JobEnd = MovieEnriched | EnrichmentFailed | EnrichmentCancelled

NOT_THE_FILMS_FAULT: frozenset[Outcome] = frozenset({"quota_exhausted", "unauthorized"})


def run_result(event: JobEnd) -> RunResult:
    """What became of the film in its run."""
    match event:
        case MovieEnriched():
            return "processed"
        case EnrichmentCancelled():
            return "cancelled"
        case EnrichmentFailed(code="gave_up"):
            return "failed"
        case EnrichmentFailed():
            refused = any(fared.outcome in NOT_THE_FILMS_FAULT for fared in event.providers)
            return "unsettled" if refused else "failed"
        case _:
            assert_never(event)
