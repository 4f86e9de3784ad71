"""The state that a subscriber is told first."""

from metarr_chassis.errors import BusUnavailableError, RefusedError
from metarr_contracts.readmodels import BulkStatus, MovieQuery, MovieStatus, Query
from metarr_contracts.websocket import ErrorFrame, Subscribe
from metarr_gateway.command_queue import CommandQueue
from metarr_gateway.errors import KINDS, ApiError
from metarr_gateway.frames import CHANNEL_OF_RUNS
from metarr_gateway.queries import Queries
from metarr_gateway.runs import Runs

NOT_FOUND = 404


class PresentState:
    """Asks for the status of a film or of runs; a film that was added just now is waited for."""

    def __init__(self, queries: Queries, runs: Runs, queue: CommandQueue) -> None:
        self._queries = queries
        self._runs = runs
        self._queue = queue

    async def __call__(self, frame: Subscribe) -> MovieStatus | BulkStatus | ErrorFrame | None:
        """The status, or the error frame that says why there is none; None for all films together."""
        try:
            if frame.channel == CHANNEL_OF_RUNS:
                return await self._runs.status(Query())
            return None if frame.movie_id is None else await self._film(frame.movie_id)
        except RefusedError as refusal:
            if refusal.status == NOT_FOUND and frame.movie_id is not None:
                error = KINDS["movie_not_found"].error
                return ErrorFrame(error=error, code="movie_not_found", movie_id=frame.movie_id)
        except (ApiError, BusUnavailableError):
            pass
        # The subscription stays: live messages do not need the database.
        error = "The present state cannot be read now; live messages will come"
        return ErrorFrame(error=error, code="unavailable", movie_id=frame.movie_id)

    async def _film(self, movie_id: int) -> MovieStatus:
        try:
            answer = await self._queries.ask("movie.status", MovieQuery(movie_id=movie_id))
        except RefusedError as refusal:
            last_event = await self._queue.last_event_of(movie_id) if refusal.status == NOT_FOUND else None
            if last_event is None:
                raise
            answer = await self._queries.ask("movie.status", MovieQuery(movie_id=movie_id, after=last_event))
        return MovieStatus.model_validate_json(answer)
