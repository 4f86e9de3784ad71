"""Identity is claimed in the log: the holder of an id is the last fact on the id's own subject."""

from dataclasses import dataclass

from metarr_chassis.clock import Clock
from metarr_chassis.errors import ConflictError
from metarr_chassis.event_store import EventStore
from metarr_contracts import subjects
from metarr_contracts.events import ClaimKind, ClaimReleased, ClaimTaken
from metarr_contracts.identifiers import title_key
from metarr_contracts.movie import ExternalIds
from metarr_enricher.cause import Cause


@dataclass(frozen=True)
class Key:
    """An id by which a film is known."""

    kind: ClaimKind
    id: str

    @property
    def subject(self) -> str:
        """Where the claim is recorded."""
        return subjects.claim_event(self.kind, self.id)


@dataclass(frozen=True)
class Claim:
    """Who holds a key (None: nobody) and the version of that fact."""

    key: Key
    movie_id: int | None
    version: int


def keys_of(ids: ExternalIds, title: str | None = None, year: int | None = None) -> tuple[Key, ...]:
    """The keys of a film: its ids, or title and year where it has none."""
    imdb = (Key("imdb", ids.imdb),) if ids.imdb else ()
    tmdb = (Key("tmdb", str(ids.tmdb)),) if ids.tmdb else ()
    by_title = (Key("title", title_key(title, year)),) if title and not (imdb or tmdb) else ()
    return (*imdb, *tmdb, *by_title)


class Claims:
    """All claims."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def holder(self, key: Key) -> Claim:
        """Who holds the key now."""
        last = await self._store.last(key.subject)
        if last is None:
            return Claim(key, None, 0)
        return Claim(key, last.body.movie_id if isinstance(last.body, ClaimTaken) else None, last.seq)

    async def take(self, claim: Claim, movie_id: int, cause: Cause) -> bool:
        """Take the key for a film if it is still as `claim` says; False when somebody was faster."""
        if claim.movie_id == movie_id:
            return True
        body = ClaimTaken(kind=claim.key.kind, id=claim.key.id, movie_id=movie_id)
        try:
            await self._store.append(
                claim.key.subject,
                cause.event(f"{claim.key.subject}/{movie_id}", body, self._clock.now()),
                claim.version,
            )
        except ConflictError:
            return False
        return True

    async def release(self, key: Key, movie_id: int, cause: Cause) -> None:
        """Free the key if this film holds it."""
        claim = await self.holder(key)
        if claim.movie_id != movie_id:
            return
        body = ClaimReleased(kind=key.kind, id=key.id, movie_id=movie_id)
        event = cause.event(f"{key.subject}/{movie_id}", body, self._clock.now())
        try:
            await self._store.append(key.subject, event, claim.version)
        except ConflictError:
            return
