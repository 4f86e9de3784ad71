"""Finding films: by either id, or by title as the providers' searches do."""

from collections import OrderedDict
from dataclasses import replace

from metarr_sandbox import catalog, ids
from metarr_sandbox.changing import Changing
from metarr_sandbox.dice import digest
from metarr_sandbox.film import YEARS, Film, from_catalog, generated

_REMEMBERED = 20_000
_LONGEST_TITLE = 300
_CACHED = 2_000
# How many candidates a made-up title has: by its last word, else by lot out of twenty.
_ENDINGS = {"nowhere": 0, "twins": 2}
_SHARES = (0, 0, 2, *[1] * 17)
_SPAN = 60_000_000 // len(YEARS)


class Library:
    """All films there are.

    Everything is computed from the ids. The only memory are the last 20,000 titles that a search made up a film for,
    so that its details carry the title it was found by, the ids that clients know, so that some of them are told to
    have changed, and a small cache.
    """

    def __init__(self) -> None:
        self.changing = Changing()
        self._titles: OrderedDict[int, str] = OrderedDict()
        self._films: OrderedDict[int, Film] = OrderedDict()

    def by_tmdb_id(self, tmdb_id: int) -> Film | None:
        """The film with this TMDB id, whether or not each provider knows it."""
        film = self._films.get(tmdb_id)
        if film is None:
            film = self._made(tmdb_id)
            if film is not None:
                self._films[tmdb_id] = film
                if len(self._films) > _CACHED:
                    self._films.popitem(last=False)
        return film

    def by_imdb_number(self, number: int) -> Film | None:
        """The film with this IMDb number, whether or not each provider knows it."""
        tmdb_id = ids.tmdb_id_of(number)
        return None if tmdb_id is None else self.by_tmdb_id(tmdb_id)

    def search(self, title: str, year: int | None = None) -> list[Film]:
        """The films for a title, best first; ``year`` narrows made-up films only.

        Titles of the catalog are found by each run of words in them. Any other title gets one made-up film of exactly
        that title and year in 85 % of the cases, two in 5 %, none in 10 %; a title whose last word is ``Nowhere``
        gets none, one whose last word is ``Twins`` two.
        """
        wanted = catalog.normalised(title)
        if not wanted or len(wanted) > _LONGEST_TITLE:
            return []
        known = _in_catalog(wanted)
        if known:
            return [film for film in (self.by_tmdb_id(tmdb_id) for tmdb_id in known if tmdb_id) if film is not None]
        return [self._named(title, wanted, year, twin) for twin in range(_candidates(wanted))]

    def _made(self, tmdb_id: int) -> Film | None:
        entry = catalog.by_tmdb_id().get(tmdb_id)
        if entry is not None:
            return from_catalog(entry, tmdb_id)
        number = ids.imdb_number_of(tmdb_id)
        if number is None:
            return None
        film = generated(tmdb_id, number)
        title = self._titles.get(tmdb_id)
        return film if title is None else replace(film, title=title, original_title=title)

    def _named(self, title: str, wanted: str, year: int | None, twin: int) -> Film:
        number = _number_for(wanted, year, twin)
        tmdb_id = number + ids.TMDB_OFFSET
        self._titles[tmdb_id] = title.strip()
        self._titles.move_to_end(tmdb_id)
        self._films.pop(tmdb_id, None)
        if len(self._titles) > _REMEMBERED:
            self._titles.popitem(last=False)
        film = self.by_tmdb_id(tmdb_id)
        if film is None:  # _number_for gives numbers that have a film
            raise LookupError(tmdb_id)
        return film


def _in_catalog(wanted: str) -> list[int | None]:
    """TMDB ids of the rows that carry the words, exact titles first; [None] for a row that nobody knows."""
    hits = [
        (wanted not in titles, tmdb_id)
        for tmdb_id, titles in catalog.titles()
        if any(f" {wanted} " in f" {title} " for title in titles)
    ]
    return [tmdb_id for _, tmdb_id in sorted(hits, key=lambda hit: hit[0])]


def _candidates(wanted: str) -> int:
    last = wanted.rpartition(" ")[2]
    if last in _ENDINGS:
        return _ENDINGS[last]
    return _SHARES[digest("candidates", wanted) % len(_SHARES)]


def _number_for(wanted: str, year: int | None, twin: int) -> int:
    """An IMDb number of a made-up film of that year which all providers but perhaps fanart.tv know."""
    seed = digest("title", wanted, year, twin)
    slots = [slot for slot, of in enumerate(YEARS) if of == year] or [seed % len(YEARS)]
    number = (1 + seed % _SPAN) * len(YEARS) + slots[seed % len(slots)]
    while not _usable(number):
        number += len(YEARS)
    return number


def _usable(number: int) -> bool:
    tmdb_id = ids.tmdb_id_of(number)
    return tmdb_id is not None and ids.known_to("tmdb", tmdb_id) and ids.known_to("omdb", tmdb_id)
