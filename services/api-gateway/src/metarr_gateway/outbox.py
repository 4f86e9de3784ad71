"""What waits to be sent to one socket, in order; for a client that falls behind progress is conflated. Pure."""

from metarr_gateway.topics import Job

CONFLATE_FROM = 32
"""Waiting frames from which on a client counts as behind: one that keeps up sees every step."""


class Outbox:
    """Frames in the order in which they go out. A client that does not read fills it; then its socket is closed."""

    __slots__ = ("_count", "_limit", "_progress", "_waiting")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: dict[int, bytes] = {}
        self._progress: dict[Job, int] = {}
        self._count = 0

    @property
    def overfull(self) -> bool:
        """More waits than a reading client ever leaves."""
        return len(self._waiting) > self._limit

    def put(self, frame: bytes) -> None:
        """Add a frame that must arrive."""
        self._count += 1
        self._waiting[self._count] = frame

    def put_progress(self, job: Job, frame: bytes) -> None:
        """Add progress; for a client that is behind it takes the place of older progress of this job."""
        if self._is_behind and self._progress.get(job) in self._waiting:
            self._waiting[self._progress[job]] = frame
            return
        self.put(frame)
        self._progress[job] = self._count

    def put_end(self, job: Job, frame: bytes) -> None:
        """Add the message that ends a job; a client that is behind has no use for its progress any more."""
        latest = self._progress.pop(job, None)
        if self._is_behind and latest is not None:
            self._waiting.pop(latest, None)
        self.put(frame)

    def take(self) -> bytes | None:
        """Remove and return the next frame."""
        if not self._waiting:
            self._progress.clear()
            return None
        return self._waiting.pop(next(iter(self._waiting)))

    @property
    def _is_behind(self) -> bool:
        return len(self._waiting) >= CONFLATE_FROM
