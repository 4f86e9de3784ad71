"""Which film a row means: decided from who holds its keys. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from metarr_contracts.movie import ExternalIds
from metarr_enricher.keys import Claim, keys_of
from metarr_enricher.movie_state import MovieState


@dataclass(frozen=True)
class Known:
    """The film is in the library."""

    movie_id: int


@dataclass(frozen=True)
class Clash:
    """The row's ids do not belong together here."""

    movie_id: int
    field: str
    reason: str


@dataclass(frozen=True)
class Unknown:
    """The film is new. `reserved` is the id that an unfinished addition claimed for it; `ids` are those it can have."""

    reserved: int | None
    take: tuple[Claim, ...]
    ids: ExternalIds


FIELD_NAMES = {"imdb": "imdbId", "tmdb": "tmdbId", "title": "title"}


def stands(claim: Claim, film: MovieState, now: datetime) -> bool:
    """Whether a claim holds: its film is there and has the key, or may be about to get it."""
    if not film.exists:
        return False
    return claim.key.kind == "title" or claim.key in keys_of(film.ids) or claim.is_young(now)


def resolve(
    ids: ExternalIds, claims: Sequence[Claim], films: Mapping[int, MovieState], now: datetime
) -> Known | Clash | Unknown:
    """Who the row is. A claim that does not stand counts for nothing; that of a film never added is a reservation."""
    held = [claim for claim in claims if claim.movie_id is not None and stands(claim, films[claim.movie_id], now)]
    owners = sorted({claim.movie_id for claim in held if claim.movie_id is not None})
    if len(owners) > 1:
        said = " and ".join(f"{FIELD_NAMES[claim.key.kind]} belongs to film {claim.movie_id}" for claim in held)
        return Clash(owners[0], FIELD_NAMES[held[-1].key.kind], said)
    if owners:
        return _against(owners[0], ids, films[owners[0]])
    reservations = [claim for claim in claims if claim.movie_id is not None and not films[claim.movie_id].added]
    reserved = reservations[0].movie_id if reservations else None
    take = tuple(claim for claim in claims if claim not in reservations)
    elsewhere = {claim.key.kind for claim in reservations if claim.movie_id != reserved}
    return Unknown(
        reserved,
        take,
        ExternalIds(
            imdb=None if "imdb" in elsewhere else ids.imdb,
            tmdb=None if "tmdb" in elsewhere else ids.tmdb,
        ),
    )


def _against(movie_id: int, ids: ExternalIds, film: MovieState) -> Known | Clash:
    for field, said, known in (("imdbId", ids.imdb, film.ids.imdb), ("tmdbId", ids.tmdb, film.ids.tmdb)):
        if said is not None and known is not None and said != known:
            return Clash(movie_id, field, f"film {movie_id} has {known} here, the row says {said}")
    return Known(movie_id)
