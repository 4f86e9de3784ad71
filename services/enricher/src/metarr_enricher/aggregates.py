"""What is decided about, as the write side sees it: a snapshot and the events after it; decisions are appends."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

import structlog
from pydantic import ValidationError

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import ConflictError
from metarr_chassis.event_store import EventStore, Recorded
from metarr_contracts import streams
from metarr_contracts.base import Value
from metarr_enricher.cause import Cause
from metarr_enricher.rule_errors import RuleError

log = structlog.get_logger()

ATTEMPTS = 50
"""Decisions of one command; each repeat means that somebody else decided something on the same subject in between."""

State = TypeVar("State", bound=Value)
Event = TypeVar("Event", bound=Value)


@dataclass(frozen=True)
class Versioned(Generic[State]):
    """A state and the stream sequence it stands for (0: no event yet)."""

    state: State
    version: int


@dataclass(frozen=True)
class Kind(Generic[State, Event]):
    """What is decided about: its first state, and how an event changes it."""

    model: type[State]
    initial: State
    evolve: Callable[[State, Event], State]


class Snapshot(Value, Generic[State]):
    """A state as it is kept; of no use for another stream."""

    stream: str
    version: int
    state: State


class Aggregates(Generic[State, Event]):
    """All of one kind. Snapshots are disposable: one that is behind leads to a conflict, not to a mistake."""

    def __init__(self, kind: Kind[State, Event], bus: Bus, store: EventStore, clock: Clock, stream: str) -> None:
        self._kind = kind
        self._snapshot_model = Snapshot[kind.model]  # type: ignore[name-defined]
        self._bus = bus
        self._store = store
        self._clock = clock
        self._stream = stream

    async def current(self, subject: str) -> Versioned[State]:
        """The state as it is now, checked against the stream's leader."""
        return await self._newest(subject, await self._snapshot(subject))

    async def decide(
        self,
        subject: str,
        cause: Cause,
        decision: Callable[[State], Event | None],
        known: Versioned[State] | None = None,
    ) -> Versioned[State]:
        """Append what is decided from the state, if anything, and return the state after it.

        The decision is repeated when somebody else wrote in between; one that appends nothing, or breaks a rule, is
        repeated until it was made from the newest state. So what is `known` of the state may be old: where nobody has
        written since, which the append itself finds out, nothing is read.

        Raises:
            RuleError: the state does not allow it.
            ConflictError: others kept writing.
        """
        known = known or await self._snapshot(subject)
        for _ in range(ATTEMPTS):
            try:
                event = decision(known.state)
            except RuleError:
                newest = await self._newest(subject, known)
                if newest.version == known.version:
                    raise
                known = newest
                continue
            if event is None:
                newest = await self._newest(subject, known)
                if newest.version == known.version:
                    return known
                known = newest
                continue
            with contextlib.suppress(ConflictError):
                return await self._append(subject, known, event, cause)
            known = await self._newest(subject, known)
        raise ConflictError(subject)

    async def _append(self, subject: str, known: Versioned[State], event: Event, cause: Cause) -> Versioned[State]:
        new = cause.event(subject, known.version, event, self._clock.now())
        recorded = await self._store.append(subject, new, known.version)
        if recorded.body != event:
            # The command has said something else after this version already: the snapshot of it was lost.
            raise ConflictError(subject)
        after = self._after(known, recorded)
        snapshot = self._snapshot_model(stream=self._stream, version=after.version, state=after.state)
        # Not awaited to be stored: a lost snapshot costs one more read.
        await self._bus.publish_unconfirmed(_key(subject), snapshot.to_json())
        return after

    async def _snapshot(self, subject: str) -> Versioned[State]:
        stored = await self._bus.last_message(f"KV_{streams.SNAPSHOTS}", _key(subject))
        if stored is None:
            return Versioned(self._kind.initial, 0)
        try:
            snapshot = self._snapshot_model.model_validate_json(stored.data)
        except ValidationError:
            return Versioned(self._kind.initial, 0)
        if snapshot.stream != self._stream:
            return Versioned(self._kind.initial, 0)
        return Versioned(snapshot.state, snapshot.version)

    async def _newest(self, subject: str, known: Versioned[State]) -> Versioned[State]:
        last = await self._bus.last_message(streams.EVENTS, subject)
        seq = last.seq if last else 0
        if seq == known.version:
            return known
        # A snapshot from before a restored, shorter stream knows of events that are no more.
        return await self._catch_up(subject, known if seq > known.version else Versioned(self._kind.initial, 0))

    async def _catch_up(self, subject: str, known: Versioned[State]) -> Versioned[State]:
        async for recorded in self._store.read(subject, known.version):
            known = self._after(known, recorded)
        return known

    def _after(self, known: Versioned[State], recorded: Recorded) -> Versioned[State]:
        if recorded.body is None:
            return Versioned(known.state, recorded.seq)
        return Versioned(self._kind.evolve(known.state, cast("Event", recorded.body)), recorded.seq)


def _key(subject: str) -> str:
    """`metarr.evt.movie.7` is kept as `movie.7`."""
    return f"$KV.{streams.SNAPSHOTS}.{subject.removeprefix('metarr.evt.')}"
