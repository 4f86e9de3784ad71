"""How fast the two halves of a stream pass."""

from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

from tests.bench.processes import processor_seconds

POINTS = 3
"""Where the first half begins, where the second does, and the end."""


@dataclass(frozen=True)
class Speed:
    """Events a second of both halves of the stream; processor time of the process, in microseconds an event."""

    per_second: tuple[float, float]
    processor: tuple[float, float]


@dataclass
class Halves:
    """Notes when the first half of the stream and when the second has passed."""

    end: int
    pid: int
    looks: list[tuple[int, float, float]] = field(default_factory=list)
    """Sequence, time, processor time: at the beginning, where the first half ended, at the end."""

    def look(self, seq: int) -> None:
        """So far is it now."""
        goals = (0, self.end // 2, self.end)
        if not self.are_over and seq >= goals[len(self.looks)]:
            self.looks.append((seq, perf_counter(), processor_seconds(self.pid)))

    @property
    def are_over(self) -> bool:
        """Whether the end has been seen."""
        return len(self.looks) == POINTS

    @property
    def are_seen(self) -> bool:
        """Whether no two looks are the same: whoever looks may stand still while a short stream passes."""
        return len({seq for seq, *_ in self.looks}) == POINTS

    @property
    def seconds(self) -> float:
        """From the first look to the last, and what came before the first at the same speed."""
        (first, began, _), *_, (last, ended, _) = self.looks
        return (ended - began) * last / (last - first)

    def speed(self) -> Speed:
        """Of both."""
        first, middle, last = self.looks
        pairs = ((first, middle), (middle, last))
        return Speed(
            cast("tuple[float, float]", tuple((b[0] - a[0]) / (b[1] - a[1]) for a, b in pairs)),
            cast("tuple[float, float]", tuple(1e6 * (b[2] - a[2]) / (b[0] - a[0]) for a, b in pairs)),
        )
