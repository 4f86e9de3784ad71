"""What is reckoned from the figures of a run, for rows, notes and answers alike. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from metarr_contracts.bulk import RunCounts, RunProvider
from metarr_contracts.fields import ProviderName
from metarr_contracts.readmodels import LiveRunStats, RunStats

ALL = 100


def progress(counts: RunCounts) -> int:
    """Percent of all films that the run has looked at, floored; an empty library is done at once."""
    return ALL * counts.settled // counts.total if counts.total else ALL


def stats(counts: RunCounts) -> RunStats:
    """The films of a run by what became of them."""
    return RunStats(total_movies=counts.total, processed=counts.processed, skipped=counts.skipped, failed=counts.failed)


def live_stats(counts: RunCounts) -> LiveRunStats:
    """The same, with those that the run has not looked at."""
    return LiveRunStats(**stats(counts).model_dump(), remaining=counts.remaining)


def limited(providers: Sequence[RunProvider]) -> tuple[ProviderName, ...]:
    """Whose quota was used up in the run, in the order in which that happened."""
    hit = [(provider.limited_at, provider.name) for provider in providers if provider.limited_at is not None]
    return tuple(name for _, name in sorted(hit, key=lambda limit: limit[0]))


def with_limits(providers: Sequence[RunProvider], limits: Mapping[ProviderName, datetime]) -> tuple[RunProvider, ...]:
    """What a run had of its providers, with the moments at which their quotas were said to be used up."""
    named = {provider.name: provider for provider in providers}
    hit = {
        name: named.get(name, RunProvider(name=name)).model_copy(update={"limited_at": limits[name]}) for name in limits
    }
    return tuple((named | hit).values())
