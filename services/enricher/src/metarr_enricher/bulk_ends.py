"""Hears how films' jobs end, for the lead of a run."""

import contextlib
from collections.abc import AsyncIterator, Callable

import structlog
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy
from pydantic import ValidationError

from metarr_chassis.bus import Bus
from metarr_contracts import events, streams, subjects
from metarr_contracts.envelope import read_envelope
from metarr_contracts.identifiers import parse_movie_id
from metarr_contracts.registry import decode, type_name
from metarr_enricher.following import following

log = structlog.get_logger()

FilmEnd = events.MovieEnriched | events.EnrichmentFailed | events.EnrichmentCancelled | events.MovieRemoved
ENDS = frozenset(
    type_name(model)
    for model in (events.MovieEnriched, events.EnrichmentFailed, events.EnrichmentCancelled, events.MovieRemoved)
)


@contextlib.asynccontextmanager
async def hear_ends(
    bus: Bus, wanted: Callable[[int], bool], heard: Callable[[int, FilmEnd], None]
) -> AsyncIterator[None]:
    """Call `heard` for each end from now on of a job on a film that is `wanted`, in order."""

    async def told(message: Msg) -> None:
        movie_id = parse_movie_id(message.subject.rsplit(".", 1)[1])
        headers = message.headers or {}
        if movie_id is None or headers.get("ce-type") not in ENDS or not wanted(movie_id):
            return
        try:
            event = decode(read_envelope(headers), message.data)
        except ValidationError as error:
            log.warning("unreadable event", subject=message.subject, error=str(error))
            return
        if isinstance(event, FilmEnd):
            heard(movie_id, event)

    start = 1 + (await bus.stream_state(streams.EVENTS)).last_seq
    config = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=start)
    async with following(bus, subjects.MOVIE_EVENTS, told, config):
        yield
