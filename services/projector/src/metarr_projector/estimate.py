"""How long a run would take that started now, and how long one will take that goes on. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from metarr_contracts.bulk import RunCounts

FRESH_FOR = timedelta(days=7)
"""What a film was told by every provider is fresh for so long at least; the rules of runs only make it longer."""
MIN_LOOKED_AT = 20
"""Films; a run that looked at fewer says nothing about the next one."""
MIN_SETTLED = 10
"""Films; a run that has looked at fewer does not know its own pace."""
MIN_ASKED = 10
"""Films that providers were asked about; as above."""


@dataclass(frozen=True)
class Pace:
    """So many seconds were needed for so many films that providers were asked about."""

    seconds: float
    films: int


FIRST = Pace(seconds=1, films=20)
"""Before any run was measured: two requests a film to TMDB, which takes 40 a second."""


def fresh_since(now: datetime, on_since: Iterable[datetime | None]) -> datetime:
    """Films that were enriched after this have nothing to ask for, each provider having been on since then."""
    return max([now - FRESH_FOR, *(since for since in on_since if since is not None)])


def estimated_duration(films: int, remaining: Iterable[int | None], pace: Pace) -> int:
    """Seconds for so many films that providers are asked about, at least 1.

    A run ends at the first quota that is used up, so it gets no further than the smallest of what `remaining` tells of
    the providers' quotas: None is not known, and 0 tells nothing about a run that starts when there is some again.
    """
    within = min([films, *(left for left in remaining if left)])
    return max(1, ceil(within * pace.seconds / pace.films))


def remaining_duration(counts: RunCounts, elapsed: float) -> int | None:
    """Seconds until a run has looked at all its films, by its pace in the `elapsed` seconds; None before it has one.

    Films that are skipped take no time worth mentioning, the others all of it. Where as many of those that remain are
    skipped as of those before, both count alike.
    """
    if counts.settled < MIN_SETTLED or elapsed <= 0:
        return None
    return ceil(counts.remaining * elapsed / counts.settled)
