"""Which column or key holds what: order is free, usual names are understood. Pure."""

from collections.abc import Container, Iterable, Mapping
from typing import Literal

Column = Literal["title", "year", "imdb_id", "tmdb_id"]

NAMES: Mapping[Column, tuple[str, ...]] = {
    "title": ("title", "name", "film", "movie", "movietitle", "filmtitle"),
    "year": ("year", "releaseyear", "productionyear"),
    "imdb_id": ("imdbid", "imdb", "imdbnumber", "const", "tconst", "tt"),
    "tmdb_id": ("tmdbid", "tmdb", "themoviedbid"),
}
"""Names without case, blanks and punctuation; an earlier one wins over a later one."""
TELLING: frozenset[Column] = frozenset({"title", "imdb_id", "tmdb_id"})
"""One of these at least is needed to know a film."""
EXPECTED = "expected a column named title, imdbId or tmdbId (year is read too)"
MOST_IGNORED = 50
LONGEST_NAME = 60
"""Characters of a name that is told."""


def recognise(names: Iterable[str]) -> Mapping[Column, int]:
    """Position of each column that is understood."""
    positions: dict[str, int] = {}
    for position, name in enumerate(names):
        positions.setdefault(folded(name), position)
    found: dict[Column, int] = {}
    for column, known in NAMES.items():
        named = next((name for name in known if name in positions), None)
        if named is not None:
            found[column] = positions[named]
    return found


def folded(name: str) -> str:
    """A name without case, blanks and punctuation."""
    return "".join(c for c in name.casefold() if c.isalnum())


def told(name: str) -> str:
    """A name as it may be shown to a person: in one line, and not longer than names are."""
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"


class Ignored:
    """The names that nothing was read from, in the order in which they were met: the first `MOST_IGNORED`."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def note(self, names: Iterable[str], read: Container[int]) -> None:
        """Take those that are not at one of the positions that were read."""
        for position, name in enumerate(names):
            if len(self._names) >= MOST_IGNORED:
                return
            if position not in read and name not in self._names and name.strip():
                self._names[name] = None

    @property
    def names(self) -> tuple[str, ...]:
        """All of them so far, as they may be shown."""
        return tuple(told(name) for name in self._names)
