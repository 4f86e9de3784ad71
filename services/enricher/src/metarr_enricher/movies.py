"""Films as the write side sees them: a snapshot and the events after it; every decision is one conditional append."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import structlog
from pydantic import ValidationError

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import ConflictError
from metarr_chassis.event_store import EventStore, Recorded
from metarr_contracts import streams, subjects
from metarr_contracts.base import Value
from metarr_contracts.events import MovieEvent
from metarr_enricher.cause import Cause
from metarr_enricher.movie_decider import RuleError
from metarr_enricher.movie_state import INITIAL, MovieState, evolve

log = structlog.get_logger()

ATTEMPTS = 50
"""Decisions of one command; each repeat means that somebody else decided something on the same film in between."""


@dataclass(frozen=True)
class Film:
    """A film's state and the stream sequence it stands for (0: no event yet)."""

    state: MovieState
    version: int


class Snapshot(Value):
    """A film's state as it is kept; of no use for another stream."""

    stream: str
    version: int
    state: MovieState


class Movies:
    """All films. Snapshots are disposable: one that is behind leads to a conflict, not to a mistake."""

    def __init__(self, bus: Bus, store: EventStore, clock: Clock, stream: str) -> None:
        self._bus = bus
        self._store = store
        self._clock = clock
        self._stream = stream

    async def current(self, movie_id: int) -> Film:
        """The film as it is now, checked against the stream's leader."""
        return await self._newest(movie_id, await self._snapshot(movie_id))

    async def decide(self, movie_id: int, cause: Cause, decision: Callable[[MovieState], MovieEvent | None]) -> Film:
        """Append what is decided from the film's state, if anything, and return the film after it.

        The decision is repeated when somebody else wrote in between; one that appends nothing, or breaks a rule, is
        repeated until it was made from the newest state.

        Raises:
            RuleError: the film does not allow it.
            ConflictError: others kept writing.
        """
        film = await self._snapshot(movie_id)
        for _ in range(ATTEMPTS):
            try:
                event = decision(film.state)
            except RuleError:
                newest = await self._newest(movie_id, film)
                if newest.version == film.version:
                    raise
                film = newest
                continue
            if event is None:
                newest = await self._newest(movie_id, film)
                if newest.version == film.version:
                    return film
                film = newest
                continue
            try:
                return await self._append(movie_id, film, event, cause)
            except ConflictError:
                film = await self._newest(movie_id, film)
        raise ConflictError(subjects.movie_event(movie_id))

    async def _append(self, movie_id: int, film: Film, event: MovieEvent, cause: Cause) -> Film:
        subject = subjects.movie_event(movie_id)
        new = cause.event(subject, film.version, event, self._clock.now())
        recorded = await self._store.append(subject, new, film.version)
        after = _after(film, recorded)
        snapshot = Snapshot(stream=self._stream, version=after.version, state=after.state)
        # Not awaited to be stored: a lost snapshot costs one more read.
        await self._bus.publish_note(_key(movie_id), snapshot.to_json())
        return after

    async def _snapshot(self, movie_id: int) -> Film:
        stored = await self._bus.last_message(f"KV_{streams.SNAPSHOTS}", _key(movie_id))
        if stored is None:
            return Film(INITIAL, 0)
        try:
            snapshot = Snapshot.model_validate_json(stored.data)
        except ValidationError:
            return Film(INITIAL, 0)
        return Film(snapshot.state, snapshot.version) if snapshot.stream == self._stream else Film(INITIAL, 0)

    async def _newest(self, movie_id: int, film: Film) -> Film:
        last = await self._bus.last_message(streams.EVENTS, subjects.movie_event(movie_id))
        seq = last.seq if last else 0
        if seq == film.version:
            return film
        # A snapshot from before a restored, shorter stream knows of events that are no more.
        return await self._catch_up(movie_id, film if seq > film.version else Film(INITIAL, 0))

    async def _catch_up(self, movie_id: int, film: Film) -> Film:
        async for recorded in self._store.read(subjects.movie_event(movie_id), film.version):
            film = _after(film, recorded)
        return film


def _after(film: Film, recorded: Recorded) -> Film:
    known = recorded.body is not None
    return Film(evolve(film.state, cast("MovieEvent", recorded.body)) if known else film.state, recorded.seq)


def _key(movie_id: int) -> str:
    return f"$KV.{streams.SNAPSHOTS}.movie.{movie_id}"
