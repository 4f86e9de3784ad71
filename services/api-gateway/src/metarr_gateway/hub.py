"""Who gets which live message: subscriptions, a running job's last progress, messages held back. Plain data, pure."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from metarr_contracts.readmodels import BulkStatus, MovieStatus
from metarr_contracts.websocket import (
    BulkProgress,
    Channel,
    EnrichmentProgress,
    ErrorFrame,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
)
from metarr_gateway.frames import CHANNEL_OF_FILMS, CHANNEL_OF_RUNS
from metarr_gateway.outbox import Outbox
from metarr_gateway.run_progress import progress_of
from metarr_gateway.text_frame import text_frame
from metarr_gateway.topics import RUNS, Message, Note, Progress, Topic, is_older, message_of

MAX_SUBSCRIPTIONS = 100
MAX_WAITING = 1_000
"""Frames that may wait for one socket."""
LASTS_SECONDS: Mapping[Channel, float] = {CHANNEL_OF_FILMS: 15.0, CHANNEL_OF_RUNS: math.inf}
"""A film's progress is repeated every 3 s while its job runs: after five silences it says nothing any more. A run may
have nothing to say for long."""

State = MovieStatus | BulkStatus


@dataclass(eq=False, slots=True)
class Socket:
    """One client. Before its first subscribe it gets everything.

    Attributes:
        asking: What a subscribe is about whose present state is being fetched.
        held: Messages on it that must arrive and came meanwhile; they go out after the acknowledgement.
    """

    outbox: Outbox = field(default_factory=lambda: Outbox(MAX_WAITING))
    narrowed: bool = False
    subscriptions: set[Topic] = field(default_factory=set)
    asking: Topic | None = None
    held: list[Message] = field(default_factory=list)

    def wants(self, message: Message) -> bool:
        """Whether this goes to this client."""
        return not self.narrowed or not self.subscriptions.isdisjoint(message.topics)

    def put_message(self, message: Message) -> None:
        """Send a live message, as soon as the client reads."""
        match message.kind:
            case "progress":
                self.outbox.put_progress(message.job, message.frame)
            case "end":
                self.outbox.put_end(message.job, message.frame)
            case "word":
                self.outbox.put(message.frame)


@dataclass(frozen=True)
class _Running:
    progress: Progress
    message: Message
    at: float


class Hub:
    """All sockets of this process. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()
        self._running: dict[Topic, _Running] = {}
        self._ended: dict[Topic, int] = {}

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

    def progress(self, topic: Topic, now: float) -> Progress | None:
        """The last progress of the job on this, if one runs."""
        running = self._running.get(topic)
        return running.progress if running and now - running.at < LASTS_SECONDS[topic[0]] else None

    def publish(self, note: Note, text: bytes, now: float) -> Collection[Socket]:
        """Hand out a message, whose JSON is `text`; returns the sockets for which something waits now."""
        message = message_of(note, text)
        if isinstance(note, EnrichmentProgress | BulkProgress):
            return self._publish_progress(note, message, now)
        if message.kind == "end":
            self._end(message.topic, note.job_id)
        return self._hand_out(message)

    def begin_subscribe(self, socket: Socket, frame: Subscribe) -> bool:
        """Subscribe. The acknowledgement follows by `end_subscribe`; until then messages on this are held back.

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
        socket.asking = wanted
        return True

    def end_subscribe(self, socket: Socket, frame: Subscribe, answer: State | ErrorFrame | None, now: float) -> None:
        """Put out the answer, the progress of what runs, then what was held back; older jobs first."""
        if isinstance(answer, ErrorFrame):
            self.put(socket, answer)
            if answer.code == "movie_not_found":
                socket.subscriptions.discard((frame.channel, frame.movie_id))
        else:
            self.put(socket, Subscribed(channel=frame.channel, movie_id=frame.movie_id, status=answer))
        if isinstance(answer, BulkStatus):
            self._learn(answer, now)
        held, socket.held, socket.asking = socket.held, [], None
        for message in sorted((*self._running_on(frame, now), *held), key=lambda due: due.note.job_id):
            if socket.wants(message):
                socket.put_message(message)

    def unsubscribe(self, socket: Socket, frame: Unsubscribe) -> None:
        """Undo a subscribe; a client without any gets nothing."""
        socket.subscriptions.discard((frame.channel, frame.movie_id))
        self.put(socket, Unsubscribed(channel=frame.channel, movie_id=frame.movie_id))

    def put(self, socket: Socket, frame: Subscribed | Unsubscribed | ErrorFrame) -> None:
        """Answer one client."""
        socket.outbox.put(text_frame(frame.to_json()))

    def _publish_progress(self, note: Progress, message: Message, now: float) -> Collection[Socket]:
        if not self._advance(note, message, now):
            return ()
        reached = [s for s in self.sockets if s.wants(message) and s.asking != message.topic]
        for socket in reached:
            socket.put_message(message)
        return reached

    def _hand_out(self, message: Message) -> Collection[Socket]:
        reached = [socket for socket in self.sockets if socket.wants(message)]
        for socket in reached:
            if socket.asking == message.topic:
                socket.held.append(message)
            else:
                socket.put_message(message)
        return reached

    def _learn(self, status: BulkStatus, now: float) -> None:
        # The read models may know more than the messages that came: this process may be younger than the run.
        if status.last_run is not None:
            self._end(RUNS, status.last_run.job_id)
        # A queued run has no progress, and may be refused.
        if status.current_run is not None and status.current_run.state != "queued":
            progress = progress_of(status.current_run)
            self._advance(progress, message_of(progress, progress.to_json()), now)

    def _advance(self, note: Progress, message: Message, now: float) -> bool:
        topic = message.topic
        running = self._running.get(topic)
        if note.job_id <= self._ended.get(topic, 0) or (running is not None and is_older(note, running.progress)):
            return False
        self._running[topic] = _Running(note, message, now)
        return True

    def _end(self, topic: Topic, job_id: int) -> None:
        self._ended[topic] = max(job_id, self._ended.get(topic, 0))
        running = self._running.get(topic)
        if running is not None and running.progress.job_id <= job_id:
            del self._running[topic]

    def _running_on(self, frame: Subscribe, now: float) -> Iterator[Message]:
        for topic, running in self._running.items():
            channel, movie_id = topic
            if channel == frame.channel and frame.movie_id in {None, movie_id} and self.progress(topic, now):
                yield running.message
