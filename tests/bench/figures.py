"""What a benchmark has found out: values, one a round, beside the ceiling or rival of the same rounds. Pure."""

import statistics
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Goal:
    """What is to be reached: of the ratio to the ceiling or, where there is none, of the value itself."""

    kind: Literal["at most", "at least"]
    value: float

    def is_met(self, reached: float) -> bool:
        """Whether this is good enough."""
        return reached <= self.value if self.kind == "at most" else reached >= self.value


def at_most(value: float) -> Goal:
    """Less is better."""
    return Goal("at most", value)


def at_least(value: float) -> Goal:
    """More is better."""
    return Goal("at least", value)


@dataclass(frozen=True)
class Spread:
    """What the rounds gave: their median, the least and the greatest."""

    median: float
    least: float
    greatest: float

    @property
    def relative(self) -> float:
        """The distance from the least to the greatest, as a part of the median."""
        return (self.greatest - self.least) / self.median if self.median else 0.0


def spread(values: tuple[float, ...]) -> Spread:
    """Median and ends of what the rounds gave."""
    return Spread(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Figure:
    """One line of the table. `values` and `ceilings` have the same unit, and one value a round each."""

    row: int
    """Of the table in docs/performance.md."""
    name: str
    unit: str
    values: tuple[float, ...]
    against: str = ""
    """What the ceilings are; empty where the value is judged by itself."""
    ceilings: tuple[float, ...] = ()
    goal: Goal | None = None
    """None: reported only."""
    note: str = ""

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError(f"{self.name}: no value was measured")
        if bool(self.against) != bool(self.ceilings):
            raise ValueError(f"{self.name}: a ceiling has values and a name, or neither")
        if self.ceilings and len(self.ceilings) != len(self.values):
            raise ValueError(f"{self.name}: {len(self.values)} values against {len(self.ceilings)} of the ceiling")

    @property
    def ratios(self) -> tuple[float, ...]:
        """Value by ceiling in each round, for noise of the machine is alike within one."""
        return tuple(value / ceiling for value, ceiling in zip(self.values, self.ceilings, strict=True))

    @property
    def spread_of_values(self) -> Spread:
        """What was measured."""
        return spread(self.values)

    @property
    def spread_of_ceilings(self) -> Spread | None:
        """What it is held against."""
        return spread(self.ceilings) if self.ceilings else None

    @property
    def judged(self) -> Spread:
        """What the goal is for: the ratios where there is a ceiling, else the values."""
        return spread(self.ratios if self.ceilings else self.values)

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        return None if self.goal is None else self.goal.is_met(self.judged.median)
