"""Films as the write side sees them."""

from collections.abc import Callable

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.event_store import EventStore
from metarr_contracts import subjects
from metarr_contracts.events import MovieEvent
from metarr_enricher.aggregates import Aggregates, Kind, Versioned
from metarr_enricher.cause import Cause
from metarr_enricher.movie_state import INITIAL, MovieState, evolve

Film = Versioned[MovieState]


class Movies:
    """All films by their ids."""

    def __init__(self, bus: Bus, store: EventStore, clock: Clock, stream: str) -> None:
        kind: Kind[MovieState, MovieEvent] = Kind(MovieState, INITIAL, evolve)
        self._films = Aggregates(kind, bus, store, clock, stream)

    async def current(self, movie_id: int) -> Film:
        """The film as it is now, checked against the stream's leader."""
        return await self._films.current(subjects.movie_event(movie_id))

    async def decide(
        self,
        movie_id: int,
        cause: Cause,
        decision: Callable[[MovieState], MovieEvent | None],
        known: Film | None = None,
    ) -> Film:
        """Append what is decided from the film's state, if anything, and return the film after it.

        `known` is the film as it was a while ago: it is read only if that is not how it is any more.

        Raises:
            RuleError: the film does not allow it.
            ConflictError: others kept writing.
        """
        return await self._films.decide(subjects.movie_event(movie_id), cause, decision, known)
