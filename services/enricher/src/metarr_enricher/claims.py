"""Identity is claimed in the log: the holder of an id is the last fact on the id's own subject."""

from metarr_chassis.clock import Clock
from metarr_chassis.errors import ConflictError
from metarr_chassis.event_store import EventStore
from metarr_contracts.events import ClaimReleased, ClaimTaken
from metarr_enricher.cause import Cause
from metarr_enricher.keys import Claim, Key


class Claims:
    """All claims."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def holder(self, key: Key) -> Claim:
        """Who holds the key now.

        Raises:
            ConflictError: the last fact on the key cannot be read.
        """
        last = await self._store.last(key.subject)
        if last is None:
            return Claim(key, None, 0)
        if last.body is None:
            raise ConflictError(f"{key.subject} holds a fact that this version cannot read")
        return Claim(key, last.body.movie_id if isinstance(last.body, ClaimTaken) else None, last.seq, last.time)

    async def take(self, claim: Claim, movie_id: int, cause: Cause) -> bool:
        """Take the key for a film if it is still as `claim` says; False when somebody was faster."""
        if claim.movie_id == movie_id:
            return True
        return await self._append(claim, ClaimTaken(kind=claim.key.kind, id=claim.key.id, movie_id=movie_id), cause)

    async def release(self, key: Key, movie_id: int, cause: Cause) -> None:
        """Free the key if this film holds it."""
        claim = await self.holder(key)
        if claim.movie_id != movie_id:
            return
        await self._append(claim, ClaimReleased(kind=key.kind, id=key.id, movie_id=movie_id), cause)

    async def _append(self, claim: Claim, body: ClaimTaken | ClaimReleased, cause: Cause) -> bool:
        event = cause.event(f"{claim.key.subject}/{body.movie_id}", claim.version, body, self._clock.now())
        try:
            await self._store.append(claim.key.subject, event, claim.version)
        except ConflictError:
            return False
        return True
