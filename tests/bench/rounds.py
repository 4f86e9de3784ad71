"""How things are measured: how large, how often, and in which order."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Size:
    """How much a benchmark does. `small` only shows that it works."""

    rounds: int
    small: bool = False

    def of(self, full: int, small: int) -> int:
        """The one number or the other."""
        return small if self.small else full


async def alternating(rounds: int, *measurements: Callable[[], Awaitable[T]]) -> list[tuple[T, ...]]:
    """Measure all in each round, in every second one in reverse, so that a machine that gets slower harms nobody.

    Returns, for each measurement, what it gave in each round.
    """
    found: list[list[T]] = [[] for _ in measurements]
    for number in range(rounds):
        places = range(len(measurements))
        for place in reversed(places) if number % 2 else places:
            found[place].append(await measurements[place]())
    return [tuple(values) for values in found]


def percentile(samples: Sequence[float], part: float) -> float:
    """The sample that this part of all samples does not exceed: 0.99 for p99."""
    return sorted(samples)[min(int(part * len(samples)), len(samples) - 1)]
