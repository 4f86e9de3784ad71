"""How far the read models are, for those who wait until they hold what they wrote."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from metarr_projector.errors import DatabaseAwayError

POLL_SECONDS = 0.05
PATIENCE_SECONDS = 2.0


class Position:
    """The highest sequence known to be committed.

    It is told by the projection of this process; where another process projects, the checkpoint is read while somebody
    waits, once for all who wait, and forgotten afterwards.
    """

    def __init__(self, read_seq: Callable[[], Awaitable[int]]) -> None:
        self.seq = 0
        self.projecting = False
        self.rows: int | None = None
        """Where the rows are, as who projects, or did so last, knows it; None for all others."""
        self._read_seq = read_seq
        self._moved = asyncio.Event()
        self._poll: asyncio.Task[None] | None = None
        self._waiting = 0

    def advance(self, seq: int) -> None:
        """Rows up to this sequence are committed."""
        self.seq = max(self.seq, seq)
        self.rows = seq
        self._wake()

    def reset(self) -> None:
        """The rows are about to be made anew from another stream."""
        self.seq = self.rows = 0

    def lose(self) -> None:
        """Another replica projects."""
        self.rows = None

    async def reach(self, seq: int, patience: float = PATIENCE_SECONDS) -> bool:
        """Wait until the rows hold this sequence; False when they still do not after so many seconds.

        Raises:
            DatabaseAwayError: the checkpoint cannot be read.
        """
        self._waiting += 1
        try:
            async with asyncio.timeout(patience):
                while self.seq < seq:
                    await self._next()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return True

    async def _next(self) -> None:
        """Return after the position may have changed."""
        moved = self._moved
        if not self.projecting and self._poll is None:
            self._poll = asyncio.create_task(self._follow())
        poll = self._poll
        await moved.wait()
        if poll is not None and poll.done() and not poll.cancelled():
            poll.result()

    async def _follow(self) -> None:
        try:
            while self._waiting and not self.projecting:
                read = await self._read_seq()
                # Lower after the stream was replaced. Where the projection began meanwhile, it knows better.
                if not self.projecting:
                    self.seq = read
                    self._wake()
                await asyncio.sleep(POLL_SECONDS)
        finally:
            self._poll = None
            if not self.projecting:
                # Nobody says when the stream is replaced: what was read is good only while it is read.
                self.seq = 0
            # On the next turn of the loop this task is done, and whoever wakes sees how it ended.
            asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    async def close(self) -> None:
        """End the reading of the checkpoint."""
        if self._poll is not None:
            self._poll.cancel()
            with contextlib.suppress(asyncio.CancelledError, DatabaseAwayError):
                await self._poll
