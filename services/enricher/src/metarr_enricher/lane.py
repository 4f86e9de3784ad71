"""Who wants a request: a person who waits for one film, or a run over the whole library that lets persons go first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


class NotWantedError(Exception):
    """A request was not sent, since nobody wants its answer any more."""


async def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of a provider's request rate.

    `reserve` is the percent of a provider's known daily quota that a run leaves for manual refreshes. `wanted` is asked
    when a request may go out at last.
    """

    run: bool = False
    reserve: int = 0
    wanted: Callable[[], Awaitable[bool]] = field(default=_always, compare=False)


MANUAL = Lane()
