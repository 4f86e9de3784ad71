"""Log lines of the projection: one for each batch for who debugs, at most one a minute for everybody else."""

from time import monotonic

import structlog

log = structlog.get_logger()

INTERVAL_SECONDS = 60.0


class Progress:
    """Counts what has been committed since the last line."""

    def __init__(self) -> None:
        self._said_at = 0.0
        self._events = 0

    def batch(self, events: int, seq: int, seconds: float) -> None:
        """A batch of so many events is committed up to this sequence."""
        log.debug("batch", events=events, seq=seq, ms=round(seconds * 1000, 1))
        self._events += events
        if self._events and monotonic() - self._said_at >= INTERVAL_SECONDS:
            log.info("projected", events=self._events, seq=seq)
            self._said_at, self._events = monotonic(), 0
