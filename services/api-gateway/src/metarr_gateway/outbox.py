"""What waits to be sent to one socket: progress is conflated, everything else is kept in order. Pure."""

JobOfFilm = tuple[int, int]
"""Film and job."""


class Outbox:
    """Frames in the order in which they go out. A client that does not read fills it; then its socket is closed."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: dict[JobOfFilm | int, str] = {}
        self._count = 0

    @property
    def overfull(self) -> bool:
        """More waits than a reading client ever leaves."""
        return len(self._waiting) > self._limit

    def put(self, text: str) -> None:
        """Add a frame that must arrive."""
        self._count += 1
        self._waiting[self._count] = text

    def put_progress(self, job: JobOfFilm, text: str) -> None:
        """Add progress; it takes the place of older progress of this job that still waits."""
        self._waiting[job] = text

    def put_end(self, job: JobOfFilm, text: str) -> None:
        """Add the message that ends a job; its progress is of no use any more."""
        self._waiting.pop(job, None)
        self.put(text)

    def take(self) -> str | None:
        """Remove and return the next frame."""
        if not self._waiting:
            return None
        return self._waiting.pop(next(iter(self._waiting)))
