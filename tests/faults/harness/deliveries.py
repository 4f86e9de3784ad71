"""Commands that were given to another enricher while the first one stood still and then went on: whom nobody froze."""

from dataclasses import dataclass, field
from time import monotonic

from nats.aio.msg import Msg

from metarr_contracts import streams

HEARD = f"$JS.ACK.{streams.COMMANDS}.{streams.ENRICHER}.>"
DONE = frozenset({b"", b"+ACK", b"+TERM"})


@dataclass
class Deliveries:
    """What enrichers tell the bus of films that they work on: which delivery, and whether they are done with it."""

    overtaken: int = 0
    """How often enrichers went on with what others had been given; what is heard within a time-out counts once."""
    _last: dict[int, int] = field(default_factory=dict)
    """The last delivery that was heard of, by job."""
    _done: set[tuple[int, int]] = field(default_factory=set)
    _until: float = 0.0

    async def hear(self, message: Msg) -> None:
        """Somebody has said something of a command."""
        delivery, job = map(int, message.subject.split(".")[4:6])
        went_on = delivery < self._last.get(job, 0) or (job, delivery - 1) in self._done
        self._last[job] = max(delivery, self._last.get(job, 0))
        if message.data in DONE:
            self._done.add((job, delivery))
        if went_on and monotonic() >= self._until:
            self.overtaken += 1
            self._until = monotonic() + streams.ACK_WAIT_SECONDS
