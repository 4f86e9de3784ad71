"""What a live message is about: one film, or the runs over the whole library. Pure."""

from metarr_contracts.websocket import (
    BulkComplete,
    BulkNote,
    BulkProgress,
    BulkRateLimit,
    Channel,
    EnrichmentComplete,
    EnrichmentFailedNote,
    EnrichmentProgress,
    MovieNote,
)
from metarr_gateway.frames import CHANNEL_OF_FILMS, CHANNEL_OF_RUNS

Topic = tuple[Channel, int | None]
"""Channel and film. All films together are a topic to subscribe to; no message is about them."""
Job = tuple[Topic, int]

Note = MovieNote | BulkNote
Progress = EnrichmentProgress | BulkProgress
End = EnrichmentComplete | EnrichmentFailedNote | BulkComplete

RUNS: Topic = (CHANNEL_OF_RUNS, None)


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


def job_of(note: Note) -> Job:
    """Whose progress or end it is."""
    return topic_of(note), note.job_id


def is_older(note: Progress, known: Progress) -> bool:
    """Whether progress of a run was overtaken; that of films has no order of its own."""
    match note, known:
        case BulkProgress(), BulkProgress():
            return (note.job_id, note.seq) < (known.job_id, known.seq)
        case _:
            return False
