"""How straight something grows. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """The straight line that is nearest to values which follow each other at equal distances (least squares)."""

    slope: float
    """What is added from one value to the next."""
    explained: float
    """R²: the part of the values' variance that the line explains; 1 where they do not vary."""
    farthest: float
    """How far the worst value is from the line, as a part of what the line grows by from the first to the last."""


def fitted(values: Sequence[float]) -> Line:
    """The line through these values, two at least."""
    places = range(len(values))
    slope, start = statistics.linear_regression(places, values)
    growth = abs(slope) * (len(values) - 1)
    worst = max(abs(value - (start + slope * place)) for place, value in zip(places, values, strict=True))
    if min(values) == max(values):
        return Line(0.0, 1.0, 0.0)
    return Line(slope, statistics.correlation(places, values) ** 2, worst / growth if growth else float("inf"))
