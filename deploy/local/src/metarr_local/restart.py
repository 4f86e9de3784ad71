"""Pure: what to do when a process has ended without being told to."""

import signal
from dataclasses import dataclass

from metarr_chassis.settings import REFUSED_EXIT_CODE

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
"""A process that worked for this long starts with a clean slate."""
START_ATTEMPTS = 5
"""Of a process that has never worked in this run."""


@dataclass(frozen=True)
class Life:
    """One life of a process: exit code (negative: the signal), None when it could not be started at all."""

    code: int | None
    was_ready: bool
    seconds: float


@dataclass(frozen=True)
class Restart:
    """Start it again after `delay` seconds; `failures` is the count in a row, this one included."""

    delay: float
    failures: int


@dataclass(frozen=True)
class GiveUp:
    """Starting it again would not help."""

    reason: str
    refused: bool = False
    """It does not want to start with its settings."""


def after_end(life: Life, failures: int, *, ever_ready: bool) -> Restart | GiveUp:
    """Decide, given how often it failed in a row before and whether it has worked at any time in this run."""
    if life.code == REFUSED_EXIT_CODE and not life.was_ready:
        return GiveUp("does not start with these settings; its own message is above", refused=True)
    failures = 1 if life.was_ready and life.seconds >= STEADY_SECONDS else failures + 1
    if not ever_ready and failures >= START_ATTEMPTS:
        return GiveUp(f"ended {failures} times before it was ready; what it said is above")
    return Restart(min(FIRST_DELAY * 2 ** (failures - 1), LONGEST_DELAY), failures)


def how_it_ended(code: int | None) -> str:
    """The end in words."""
    if code is None:
        return "could not be started"
    if code >= 0:
        return f"ended by itself (exit code {code})"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
