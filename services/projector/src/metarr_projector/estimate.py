"""How long a run would take that started now. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

MIN_LOOKED_AT = 20
"""Films; a run that looked at fewer says nothing about the next one."""
MIN_ASKED = 10
"""Films that providers were asked about; as above."""


@dataclass(frozen=True)
class Pace:
    """So many seconds were needed for so many films that providers were asked about."""

    seconds: float
    films: int


FIRST = Pace(seconds=1, films=20)
"""Before any run was measured: two requests a film to TMDB, which takes 40 a second."""


def estimated_duration(films: int, remaining: Iterable[int | None], pace: Pace) -> int:
    """Seconds, at least 1.

    A run ends at the first quota that is used up, so it gets no further than the smallest of what `remaining` tells of
    the providers' quotas: None is not known, and 0 tells nothing about a run that starts when there is some again.
    """
    within = min([films, *(left for left in remaining if left)])
    return max(1, ceil(within * pace.seconds / pace.films))
