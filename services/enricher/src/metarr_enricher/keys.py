"""By which keys a film is known, and who holds them. Pure."""

from dataclasses import dataclass

from metarr_contracts import subjects
from metarr_contracts.events import ClaimKind
from metarr_contracts.identifiers import title_key
from metarr_contracts.movie import ExternalIds


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
