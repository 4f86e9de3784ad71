"""Pure: what to do about a server that could not write: also with room again it stores nothing until a restart."""

from dataclasses import dataclass, replace
from enum import Enum, auto

ROOM_BYTES = 64_000_000
"""With less the next few messages would fill the disk again."""
FIRST_PAUSE = 60.0
LONGEST_PAUSE = 3600.0
"""Seconds from one restart to the next: doubled each time, since what fails with room has another cause."""


class Step(Enum):
    """What to do now."""

    NOTHING = auto()
    SAY = auto()
    """That nothing can be stored, and that room is waited for."""
    RESTART = auto()


@dataclass(frozen=True)
class Look:
    """What is seen at a time: `at` in seconds of a clock that never goes back; `free` in bytes."""

    at: float
    stores: bool
    free: int


@dataclass(frozen=True)
class Seen:
    """What is known from the looks before."""

    said: bool = False
    not_before: float = float("-inf")
    """Of the next restart."""
    pause: float = FIRST_PAUSE
    """After the next restart."""


def after_look(look: Look, seen: Seen) -> tuple[Step, Seen]:
    """Decide, and say what to know at the next look."""
    if look.stores:
        return Step.NOTHING, replace(seen, said=False) if look.at < seen.not_before else Seen()
    if look.free < ROOM_BYTES:
        return Step.NOTHING if seen.said else Step.SAY, replace(seen, said=True)
    if look.at < seen.not_before:
        return Step.NOTHING, seen
    return Step.RESTART, Seen(not_before=look.at + seen.pause, pause=min(2 * seen.pause, LONGEST_PAUSE))
