"""By which keys a film is known, and who holds them. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from metarr_contracts import subjects
from metarr_contracts.events import ClaimKind
from metarr_contracts.identifiers import title_key
from metarr_contracts.movie import ExternalIds

PENDING = timedelta(minutes=1)
"""Between a claim and the fact that uses it are milliseconds; a claim that is older and unused was left by a crash."""


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
    """Who holds a key (None: nobody), the version of that fact, and when it was said."""

    key: Key
    movie_id: int | None
    version: int
    said_at: datetime | None = None

    def is_young(self, now: datetime) -> bool:
        """Whether who made the claim may still be about to use it."""
        return self.said_at is not None and now - self.said_at < PENDING


def keys_of(ids: ExternalIds, title: str | None = None, year: int | None = None) -> tuple[Key, ...]:
    """The keys of a film: its ids, or title and year where it has none."""
    imdb = (Key("imdb", ids.imdb),) if ids.imdb else ()
    tmdb = (Key("tmdb", str(ids.tmdb)),) if ids.tmdb else ()
    by_title = (Key("title", title_key(title, year)),) if title and not (imdb or tmdb) else ()
    return (*imdb, *tmdb, *by_title)


def without(ids: ExternalIds, key: Key) -> ExternalIds:
    """The ids without this one."""
    return ExternalIds(imdb=None if key.kind == "imdb" else ids.imdb, tmdb=None if key.kind == "tmdb" else ids.tmdb)
