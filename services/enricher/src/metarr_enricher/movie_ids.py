"""The next film's id: one number, moved by compare-and-set, never below the highest id that was ever claimed."""

import re

import nats.js.errors

from metarr_chassis.bus import CONFLICTS, UNAVAILABLE, Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_chassis.event_store import EXPECTED, EventStore
from metarr_contracts import streams, subjects
from metarr_contracts.events import ClaimTaken

NUMBER = re.compile(rb"[1-9][0-9]{0,15}")
KEY = f"$KV.{streams.META}.next-movie-id"


class MovieIds:
    """Gives out film ids, each once."""

    def __init__(self, bus: Bus, store: EventStore) -> None:
        self._bus = bus
        self._store = store

    async def allocate(self, count: int) -> range:
        """So many new ids, in order."""
        while True:
            stored = await self._bus.last_message(f"KV_{streams.META}", KEY)
            first = _number(stored.data) if stored else None
            if first is None:
                first = await self._after_highest_claim()
            if await self._move(first + count, stored.seq if stored else 0):
                return range(first, first + count)

    async def _move(self, following: int, version: int) -> bool:
        try:
            await self._bus.js.publish(KEY, str(following).encode(), headers={EXPECTED: str(version)})
        except nats.js.errors.APIError as error:
            if error.err_code in CONFLICTS:
                return False
            raise BusUnavailableError(f"no film id: {error.description}") from error
        except UNAVAILABLE as error:
            raise BusUnavailableError(f"no film id: {type(error).__name__}") from error
        return True

    async def _after_highest_claim(self) -> int:
        # Only on a new store, after the bucket was lost, or where something else was written into it. Every claim there
        # ever was is read.
        highest = 0
        async for recorded in self._store.read(subjects.CLAIM_EVENTS):
            if isinstance(recorded.body, ClaimTaken):
                highest = max(highest, recorded.body.movie_id)
        return highest + 1


def _number(data: bytes) -> int | None:
    return int(data) if NUMBER.fullmatch(data) else None
