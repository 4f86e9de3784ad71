"""What happened to one film, read from its own subject: the rows know only how it ended."""

from collections import deque

from pydantic import TypeAdapter, ValidationError

from metarr_chassis.bus import Bus, RawMessage
from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.base import Json
from metarr_contracts.envelope import read_envelope
from metarr_contracts.readmodels import MovieFact, MovieHistory, MovieHistoryQuery
from metarr_contracts.streams import EVENTS

DATA: TypeAdapter[dict[str, Json]] = TypeAdapter(dict[str, Json])


async def movie_history(bus: Bus, query: MovieHistoryQuery) -> MovieHistory:
    """A page of the film's events, newest first; 404 when there never was such a film.

    The server reads a subject forwards only, so each page is gone through from the film's first event on: a film has
    few, for what changes nothing leaves no event. An event of a newer version is shown all the same.

    Raises:
        BusUnavailableError: the bus does not answer.
    """
    subject = subjects.movie_event(query.movie_id)
    newest: deque[RawMessage] = deque(maxlen=query.limit + 1)
    message = await bus.next_message(EVENTS, subject, 1)
    if message is None:
        raise RefusedError(404, "Movie not found", "movie_not_found")
    while message is not None and (query.before is None or message.seq < query.before):
        newest.append(message)
        message = await bus.next_message(EVENTS, subject, message.seq + 1)
    more = len(newest) > query.limit
    if more:
        newest.popleft()
    facts = [fact for fact in map(_fact, reversed(newest)) if fact is not None]
    return MovieHistory(movie_id=query.movie_id, events=tuple(facts), next_before=newest[0].seq if more else None)


def _fact(message: RawMessage) -> MovieFact | None:
    """None for what is no event at all, which METARR_DEAD holds."""
    try:
        envelope = read_envelope(message.headers)
        data = DATA.validate_json(message.data)
    except ValidationError:
        return None
    return MovieFact(
        seq=message.seq, time=envelope.time, type=envelope.type, correlation_id=envelope.correlation_id, data=data
    )
