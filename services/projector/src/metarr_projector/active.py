"""The turn of the one projector at work: rows, checkpoint, notes; rebuilds by order or when the stream is another."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import asyncpg
import structlog

from metarr_chassis.background import meanwhile
from metarr_chassis.bus import Bus, StreamState
from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.streams import EVENTS
from metarr_projector import checkpoint as checkpoints
from metarr_projector.announcer import announce
from metarr_projector.batches import EMPTY, Batch, batch_of, commit, next_batch
from metarr_projector.cancelling import end_if_cancelled
from metarr_projector.checkpoint import Checkpoint
from metarr_projector.decoding import event_id
from metarr_projector.errors import DatabaseAwayError
from metarr_projector.event_spans import projecting
from metarr_projector.feed import Feed
from metarr_projector.metrics import projected
from metarr_projector.position import Position
from metarr_projector.progress import Progress
from metarr_projector.rebuild import Rebuild
from metarr_projector.schema import LIVE, require_version
from metarr_projector.writer import write

log = structlog.get_logger()

IDLE_SECONDS = 1.0
LINGER_SECONDS = 0.002
CONFIRM_SECONDS = 0.5
"""Notes are confirmed at most so often; after a crash no more than these are sent again."""


class Active:
    """Holds the connection whose advisory lock makes it the only projector: without the lock it cannot write."""

    def __init__(self, bus: Bus, connection: asyncpg.Connection, position: Position) -> None:
        self._bus = bus
        self._connection = connection
        self._position = position
        self._writing = asyncio.Lock()
        self._rebuilding = False
        self._progress = Progress()
        self.checkpoint = Checkpoint("", 0, "", 0)
        self._said = 0
        """Notes up to here were handed to the connection."""
        self._notified = 0
        """Notes up to here have reached the bus."""
        self._notified_at = monotonic()

    async def start(self, rebuilding: Callable[[str | None], None]) -> None:
        """Find the checkpoint and compare it with the stream; where they do not match, make the rows anew.

        `rebuilding` is told why before it begins; None: there are no rows yet.
        """
        stored = await checkpoints.read(self._connection)
        state = await self._bus.stream_state(EVENTS)
        why = await self._mismatch(stored, state)
        if stored is None or why is not None:
            rebuilding(why)
            stored = await self._make_anew(state)
            # Events among these have never been told, and what clients have read may never have been.
            await self._bus.publish_note(subjects.LIVE_ANEW, b"")
        self.checkpoint, self._notified = stored, stored.notified_seq
        self._position.projecting = True
        self._position.advance(stored.seq)

    async def run(self) -> None:
        """Project until something goes wrong; notes that may not have been sent before are sent first."""
        self._said = self._notified
        async with Feed(self._bus, self._notified + 1) as feed:
            batch = EMPTY
            while True:
                end_if_cancelled()
                # The database writes one batch while the next one is made.
                async with meanwhile(next_batch(feed, patience=IDLE_SECONDS, linger=LINGER_SECONDS)) as following:
                    await self._project(batch)
                    if self._notified < self._said and monotonic() - self._notified_at > CONFIRM_SECONDS:
                        await self._confirm_notes(feed)
                    if not batch.items:
                        self._require_connection()
                        await self._remember_notified()
                batch = following.result()

    async def rebuild(self) -> tuple[int, float]:
        """Make the rows anew beside the live ones while the projection goes on; the events and seconds it took.

        Raises:
            RefusedError: a rebuild is under way.
        """
        if self._rebuilding:
            raise RefusedError(409, "A rebuild is already running", "rebuild_running")
        self._rebuilding = True
        try:
            started = monotonic()
            rebuild = Rebuild(self._bus, self._connection, self._writing)
            await rebuild.run(lambda: self.checkpoint.seq, self._stay)
        finally:
            self._rebuilding = False
        seconds = round(monotonic() - started, 3)
        log.info("rebuilt", events=rebuild.events, seconds=seconds)
        return rebuild.events, seconds

    async def _stay(self) -> None:
        await checkpoints.move(self._connection, self.checkpoint, self.checkpoint)

    async def _make_anew(self, state: StreamState) -> Checkpoint:
        self._position.reset()
        rebuild = Rebuild(self._bus, self._connection, self._writing)
        made: list[Checkpoint] = []

        async def finish() -> None:
            # Setup of another version empties the checkpoint, too.
            await require_version(self._connection)
            made.append(Checkpoint(state.created, rebuild.seq, rebuild.event_id, rebuild.seq))
            await checkpoints.replace(self._connection, made[0])

        await rebuild.run(lambda: state.last_seq, finish)
        log.info("read models made", events=rebuild.events)
        return made[0]

    async def _mismatch(self, stored: Checkpoint | None, state: StreamState) -> str | None:
        """Why the rows cannot have come from this stream; None if they can."""
        if stored is None:
            return None
        if stored.stream != state.created:
            return "the stream of events is another one"
        if stored.seq > state.last_seq:
            return "the stream of events is shorter than the checkpoint"
        last = await self._bus.message(EVENTS, stored.seq) if stored.seq else None
        if stored.seq and (last is None or event_id(last.headers) != stored.event_id):
            return "the event at the checkpoint is another one"
        return None

    async def _project(self, batch: Batch) -> None:
        if not batch.items:
            return
        started = monotonic()
        # After a crash events are told again whose rows are there.
        known = [item for item in batch.items if item.seq <= self.checkpoint.seq]
        new = await batch_of(batch.items[len(known) :]) if known else batch
        with projecting(new.items) as spans:
            async with self._writing:
                fresh = await commit(new, self._write)
        self._position.advance(self.checkpoint.seq)
        if fresh:
            projected(fresh, monotonic() - started)
        await announce(self._bus, self.checkpoint.stream, [*known, *fresh], spans)
        self._said = batch.items[-1].seq
        self._progress.batch(len(fresh), self.checkpoint.seq, monotonic() - started)

    async def _write(self, batch: Batch) -> None:
        last, staged = batch.items[-1], batch.staged
        new = replace(self.checkpoint, seq=last.seq, event_id=last.id, notified_seq=self._notified)
        async with self._connection.transaction():
            await checkpoints.move(self._connection, self.checkpoint, new)
            await write(self._connection, LIVE, staged)
        self.checkpoint = new

    async def _confirm_notes(self, feed: Feed) -> None:
        """An answer of the server on the same connection: what was sent before has arrived."""
        await self._bus.stream_state(EVENTS)
        feed.require_whole()
        self._notified, self._notified_at = self._said, monotonic()

    def _require_connection(self) -> None:
        """With the connection the lock is lost, and another projector may be at work."""
        if self._connection.is_closed():
            raise DatabaseAwayError

    async def _remember_notified(self) -> None:
        if self.checkpoint.notified_seq == self._notified:
            return
        new = replace(self.checkpoint, notified_seq=self._notified)
        async with self._writing, self._connection.transaction():
            await checkpoints.move(self._connection, self.checkpoint, new)
        self.checkpoint = new
