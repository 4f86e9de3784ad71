"""The questions that the projector answers on the bus: read the request, wait for `after`, read, answer."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import structlog

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import RefusedError
from metarr_chassis.micro import Endpoint
from metarr_contracts import subjects
from metarr_contracts.base import Value
from metarr_contracts.readmodels import (
    ActivityQuery,
    JobQuery,
    MovieHistoryQuery,
    MovieListQuery,
    MovieQuery,
    Query,
)
from metarr_contracts.streams import EVENTS
from metarr_projector import reader, reader_runs
from metarr_projector.counts import Counts
from metarr_projector.database import Database
from metarr_projector.errors import DatabaseAwayError
from metarr_projector.film_rows import FilmRows
from metarr_projector.movie_history import movie_history
from metarr_projector.position import PATIENCE_SECONDS, Position

log = structlog.get_logger()

Q = TypeVar("Q", bound=Query)

SOON_SECONDS = 0.2
"""How long an event usually takes to its rows, at most; who waits longer may be waiting for what will never come."""


class Queries:
    """Answers from the live tables."""

    def __init__(self, database: Database, position: Position, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._position = position
        self._bus = bus
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """All questions with their subjects."""
        database, bus, clock = self._database, self._bus, self._clock
        counts, films = Counts(), FilmRows(database)
        return [
            self._endpoint("library.stats", Query, lambda _: reader.library_stats(database)),
            self._endpoint("movie.status", MovieQuery, lambda query: reader.movie_status(films, query)),
            self._endpoint("movie.get", MovieQuery, lambda query: reader.movie_details(films, query)),
            self._endpoint("movie.list", MovieListQuery, lambda query: reader.movie_page(database, query, counts)),
            self._endpoint("movie.history", MovieHistoryQuery, lambda query: movie_history(bus, query)),
            self._endpoint("job.get", JobQuery, lambda query: reader.job(database, query)),
            self._endpoint("provider.status", Query, lambda _: reader.provider_states(database, bus, clock.now())),
            self._endpoint("bulk.status", Query, lambda _: reader_runs.bulk_status(database, bus, clock.now())),
            self._endpoint("activity.list", ActivityQuery, lambda query: reader_runs.activity_page(database, query)),
        ]

    def _endpoint(self, name: str, model: type[Q], read: Callable[[Q], Awaitable[Value]]) -> Endpoint:
        async def handle(payload: bytes) -> bytes:
            query = model.model_validate_json(payload or b"{}")
            try:
                await self._reach(query.after)
                return (await read(query)).to_json()
            except DatabaseAwayError as error:
                raise RefusedError(500, "Database error", "database_error") from error
            except asyncpg.PostgresError as error:
                log.exception("query failed", query=name)
                raise RefusedError(500, "Database error", "database_error") from error

        return Endpoint(name.replace(".", "-"), subjects.query(name), handle)

    async def _reach(self, after: int | None) -> None:
        self._database.require()
        if after is None or await self._position.reach(after, SOON_SECONDS):
            return
        # The leader knows every event whose number anybody was told.
        if after > (await self._bus.stream_state(EVENTS)).last_seq:
            raise RefusedError(400, "after: no event has this number yet", "invalid_request", "after")
        if await self._position.reach(after, PATIENCE_SECONDS - SOON_SECONDS):
            return
        await reader.projected_seq(self._database)  # an absent database is the better reason
        raise RefusedError(503, "The library does not show the latest changes yet; try again", "projection_behind")
