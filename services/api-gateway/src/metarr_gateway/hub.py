"""Who gets which live message: subscriptions, a running job's last progress, messages held back. Plain data, pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from metarr_contracts.readmodels import MovieStatus
from metarr_contracts.websocket import (
    Channel,
    EnrichmentComplete,
    EnrichmentFailedNote,
    EnrichmentProgress,
    ErrorFrame,
    MovieNote,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
)
from metarr_gateway.frames import CHANNEL_OF_FILMS
from metarr_gateway.outbox import Outbox

MAX_SUBSCRIPTIONS = 1_000
MAX_WAITING = 1_000
"""Frames that may wait for one socket."""
PROGRESS_SECONDS = 15.0
"""Progress is repeated every 3 s while a job runs: after five silences it says nothing any more."""

End = EnrichmentComplete | EnrichmentFailedNote
Subscription = tuple[Channel, int | None]


@dataclass(eq=False)
class Socket:
    """One client. Before its first subscribe it gets everything.

    Attributes:
        asking: The film whose present state is being fetched for a subscribe.
        held: Ends of that film's jobs that arrived meanwhile; they go out after the acknowledgement.
    """

    outbox: Outbox = field(default_factory=lambda: Outbox(MAX_WAITING))
    narrowed: bool = False
    subscriptions: set[Subscription] = field(default_factory=set)
    asking: int | None = None
    held: list[tuple[End, str]] = field(default_factory=list)

    def wants(self, movie_id: int) -> bool:
        """Whether messages on this film go to this client."""
        if not self.narrowed:
            return True
        return not self.subscriptions.isdisjoint({(CHANNEL_OF_FILMS, None), (CHANNEL_OF_FILMS, movie_id)})


@dataclass(frozen=True)
class _Running:
    progress: EnrichmentProgress
    text: str
    at: float


class Hub:
    """All sockets of this process. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()
        self._running: dict[int, _Running] = {}
        self._ended: dict[int, int] = {}

    def connect(self) -> Socket:
        """A new client."""
        socket = Socket()
        self.sockets.add(socket)
        return socket

    def disconnect(self, socket: Socket) -> None:
        """A client is gone."""
        self.sockets.discard(socket)

    def forget_progress(self) -> None:
        """Messages were missed: what is known of running jobs may be wrong."""
        self._running.clear()

    def progress(self, movie_id: int, now: float) -> EnrichmentProgress | None:
        """The last progress of the film's job, if one runs."""
        running = self._running.get(movie_id)
        return running.progress if running and now - running.at < PROGRESS_SECONDS else None

    def publish(self, note: MovieNote, text: str, now: float) -> list[Socket]:
        """Hand out a message; returns the sockets for which something waits now."""
        if isinstance(note, EnrichmentProgress):
            return self._publish_progress(note, text, now)
        return self._publish_end(note, text)

    def begin_subscribe(self, socket: Socket, frame: Subscribe) -> bool:
        """Subscribe. The acknowledgement follows by `end_subscribe`; until then ends of this film's jobs are held back.

        Returns False, with an error frame put out, where the client has too many subscriptions.
        """
        wanted = (frame.channel, frame.movie_id)
        if len(socket.subscriptions) >= MAX_SUBSCRIPTIONS and wanted not in socket.subscriptions:
            self.put(
                socket, ErrorFrame(error=f"More than {MAX_SUBSCRIPTIONS} subscriptions", code="too_many_subscriptions")
            )
            return False
        socket.narrowed = True
        socket.subscriptions.add(wanted)
        socket.asking = frame.movie_id
        return True

    def end_subscribe(
        self, socket: Socket, frame: Subscribe, answer: MovieStatus | ErrorFrame | None, now: float
    ) -> None:
        """Put out the answer, the progress of running jobs, then what was held back."""
        if isinstance(answer, ErrorFrame):
            self.put(socket, answer)
            if answer.code == "movie_not_found":
                socket.subscriptions.discard((frame.channel, frame.movie_id))
        else:
            self.put(socket, Subscribed(channel=frame.channel, movie_id=frame.movie_id, status=answer))
        held, socket.held, socket.asking = socket.held, [], None
        for running in self._running_of(frame, now):
            if socket.wants(running.progress.movie_id):
                socket.outbox.put_progress(_job(running.progress), running.text)
        for note, text in held:
            if socket.wants(note.movie_id):
                socket.outbox.put_end(_job(note), text)

    def unsubscribe(self, socket: Socket, frame: Unsubscribe) -> None:
        """Undo a subscribe; a client without any gets nothing."""
        socket.subscriptions.discard((frame.channel, frame.movie_id))
        self.put(socket, Unsubscribed(channel=frame.channel, movie_id=frame.movie_id))

    def put(self, socket: Socket, frame: Subscribed | Unsubscribed | ErrorFrame) -> None:
        """Answer one client."""
        socket.outbox.put(frame.to_json().decode())

    def _publish_progress(self, note: EnrichmentProgress, text: str, now: float) -> list[Socket]:
        if note.job_id <= self._ended.get(note.movie_id, 0):
            return []
        self._running[note.movie_id] = _Running(note, text, now)
        reached = [s for s in self.sockets if s.wants(note.movie_id) and s.asking != note.movie_id]
        for socket in reached:
            socket.outbox.put_progress(_job(note), text)
        return reached

    def _publish_end(self, note: End, text: str) -> list[Socket]:
        self._ended[note.movie_id] = max(note.job_id, self._ended.get(note.movie_id, 0))
        running = self._running.get(note.movie_id)
        if running is not None and running.progress.job_id <= note.job_id:
            del self._running[note.movie_id]
        reached = [socket for socket in self.sockets if socket.wants(note.movie_id)]
        for socket in reached:
            if socket.asking == note.movie_id:
                socket.held.append((note, text))
            else:
                socket.outbox.put_end(_job(note), text)
        return reached

    def _running_of(self, frame: Subscribe, now: float) -> Iterator[_Running]:
        if frame.channel != CHANNEL_OF_FILMS:
            return
        for movie_id, running in self._running.items():
            if frame.movie_id in {None, movie_id} and self.progress(movie_id, now):
                yield running


def _job(note: MovieNote) -> tuple[int, int]:
    return note.movie_id, note.job_id
