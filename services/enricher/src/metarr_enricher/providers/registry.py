"""The three providers behind one interface: what each is asked with, and what it answers."""

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import ClassVar, Protocol

from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import ExternalIds
from metarr_enricher.lane import Lane
from metarr_enricher.providers import fanart, omdb, tmdb, tmdb_changes, tmdb_lookup
from metarr_enricher.providers.client import Client
from metarr_enricher.providers.outcomes import Answer, ListedChanges, Lookup, NotFound
from metarr_enricher.providers.same_film import about

KEY_SETTINGS: dict[ProviderName, str] = {
    "tmdb": "METARR_TMDB_KEY",
    "omdb": "METARR_OMDB_KEY",
    "fanart": "METARR_FANART_KEY",
}
BASE_URLS: dict[ProviderName, str] = {
    "tmdb": "https://api.themoviedb.org/3",
    "omdb": "https://www.omdbapi.com/",
    "fanart": "https://webservice.fanart.tv/v3",
}
CONNECTIONS: dict[ProviderName, int] = {"tmdb": 20, "omdb": 10, "fanart": 10}
"""Connections at a time: TMDB's network allows 20 per address, the others publish no number."""


class Provider(Protocol):
    """Who is asked about a film; one with a daily quota is asked sparingly."""

    name: ClassVar[ProviderName]
    daily_quota: ClassVar[bool]

    def needs(self, ids: ExternalIds) -> str | None:
        """What the answer will say it was asked with, such as `imdb:tt0133093`; None where an id is lacking."""

    async def ask(self, ids: ExternalIds, lane: Lane) -> Answer:
        """The outcome for the film. Without the id that it needs, the film is not found and nobody is asked."""


@dataclass(frozen=True, slots=True)
class Tmdb:
    """TMDB, which also tells which film a title or an IMDb id means."""

    name: ClassVar[ProviderName] = "tmdb"
    daily_quota: ClassVar[bool] = False
    client: Client
    key: str = field(repr=False)
    locale: tmdb.Locale

    def needs(self, ids: ExternalIds) -> str | None:
        """The TMDB id."""
        return f"tmdb:{ids.tmdb}" if ids.tmdb else None

    async def ask(self, ids: ExternalIds, lane: Lane) -> Answer:
        """The outcome for the film."""
        if ids.tmdb is None:
            return NotFound()
        request = tmdb.request(ids.tmdb, self.key, self.locale)
        parse = about(ExternalIds(tmdb=ids.tmdb), partial(tmdb.parse, locale=self.locale))
        return await self.client.ask(request, parse, lane)

    async def lookup(self, title: str, year: int | None, imdb: str | None, lane: Lane) -> Lookup:
        """Which film this is, in one request: by the IMDb id (canonical) if there is one, else by title and year."""
        if imdb is not None:
            request = tmdb_lookup.find_request(imdb, self.key, self.locale)
            return await self.client.ask(request, tmdb_lookup.parse_find, lane)
        request = tmdb_lookup.search_request(title, year, self.key, self.locale)
        return await self.client.ask(request, partial(tmdb_lookup.parse_search, title=title, year=year), lane)

    async def search(self, title: str, year: int | None, lane: Lane) -> Lookup:
        """The films that TMDB lists for a title, as candidates, in one request."""
        request = tmdb_lookup.search_request(title, year, self.key, self.locale)
        return await self.client.ask(request, tmdb_lookup.parse_list, lane)

    async def changes(self, day: date, page: int, lane: Lane) -> ListedChanges:
        """A page of the films that were changed on this UTC day."""
        return await self.client.ask(tmdb_changes.request(day, page, self.key), tmdb_changes.parse, lane)


@dataclass(frozen=True, slots=True)
class Omdb:
    """OMDb, which knows films by their IMDb id."""

    name: ClassVar[ProviderName] = "omdb"
    daily_quota: ClassVar[bool] = True
    client: Client
    key: str = field(repr=False)

    def needs(self, ids: ExternalIds) -> str | None:
        """The IMDb id."""
        return f"imdb:{ids.imdb}" if ids.imdb else None

    async def ask(self, ids: ExternalIds, lane: Lane) -> Answer:
        """The outcome for the film."""
        if ids.imdb is None:
            return NotFound()
        parse = about(ExternalIds(imdb=ids.imdb), omdb.parse)
        return await self.client.ask(omdb.request(ids.imdb, self.key), parse, lane)


@dataclass(frozen=True, slots=True)
class Fanart:
    """fanart.tv, which knows films by either id."""

    name: ClassVar[ProviderName] = "fanart"
    daily_quota: ClassVar[bool] = False
    client: Client
    key: str = field(repr=False)
    language: str
    client_key: str | None = field(default=None, repr=False)

    def needs(self, ids: ExternalIds) -> str | None:
        """The TMDB id, else the IMDb id."""
        imdb = f"imdb:{ids.imdb}" if ids.imdb else None
        return f"tmdb:{ids.tmdb}" if ids.tmdb else imdb

    async def ask(self, ids: ExternalIds, lane: Lane) -> Answer:
        """The outcome for the film."""
        film = str(ids.tmdb) if ids.tmdb else ids.imdb
        if film is None:
            return NotFound()
        request = fanart.request(film, self.key, self.client_key)
        asked_with = ExternalIds(tmdb=ids.tmdb) if ids.tmdb else ExternalIds(imdb=ids.imdb)
        parse = about(asked_with, partial(fanart.parse, language=self.language))
        return await self.client.ask(request, parse, lane)
