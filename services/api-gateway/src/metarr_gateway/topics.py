"""What a live message is about: one film, or the runs over the whole library. Pure."""

from dataclasses import dataclass
from typing import Literal

from metarr_contracts.websocket import (
    BulkComplete,
    BulkNote,
    BulkProgress,
    BulkRateLimit,
    Channel,
    EnrichmentProgress,
    MovieNote,
)
from metarr_gateway.frames import CHANNEL_OF_FILMS, CHANNEL_OF_RUNS
from metarr_gateway.text_frame import text_frame

Topic = tuple[Channel, int | None]
"""Channel and film. All films together are a topic to subscribe to; no message is about them."""
Job = tuple[Topic, int]

Note = MovieNote | BulkNote
Progress = EnrichmentProgress | BulkProgress

Kind = Literal["progress", "end", "word"]
"""Progress is overtaken by newer and of no use after the end; every end, and every word on what happened, arrives."""

RUNS: Topic = (CHANNEL_OF_RUNS, None)


@dataclass(frozen=True, slots=True)
class Message:
    """A live message as it goes out: what it is about is found out once, and not for each of many clients.

    Attributes:
        frame: What goes over the wire.
        topics: Those of which a subscription brings it.
    """

    note: Note
    frame: bytes
    kind: Kind
    topic: Topic
    topics: frozenset[Topic]
    job: Job


def message_of(note: Note, text: bytes) -> Message:
    """The message that says this; `text` is its JSON."""
    topic = topic_of(note)
    channel, _ = topic
    return Message(
        note, text_frame(text), kind_of(note), topic, frozenset({topic, (channel, None)}), (topic, note.job_id)
    )


def film(movie_id: int) -> Topic:
    """One film."""
    return CHANNEL_OF_FILMS, movie_id


def topic_of(note: Note) -> Topic:
    """What the message is about."""
    match note:
        case BulkProgress() | BulkRateLimit() | BulkComplete():
            return RUNS
        case _:
            return film(note.movie_id)


def kind_of(note: Note) -> Kind:
    """What becomes of it on its way to a client that is behind."""
    match note:
        case EnrichmentProgress() | BulkProgress():
            return "progress"
        case BulkRateLimit():
            return "word"
        case _:
            return "end"


def is_older(note: Progress, known: Progress) -> bool:
    """Whether progress of a run was overtaken; that of films has no order of its own."""
    match note, known:
        case BulkProgress(), BulkProgress():
            return (note.job_id, note.seq) < (known.job_id, known.seq)
        case _:
            return False
