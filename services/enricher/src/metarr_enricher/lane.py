"""Who wants a request: a person who waits for one film, or a run over the whole library that lets persons go first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of a provider's request rate.

    `reserve` is the percent of a provider's known daily quota that a run leaves for manual refreshes.
    """

    run: bool = False
    reserve: int = 0


MANUAL = Lane()
