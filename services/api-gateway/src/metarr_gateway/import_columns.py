"""Which column or key holds what: order is free, usual names are understood. Pure."""

from collections.abc import Iterable, Mapping
from typing import Literal

Column = Literal["title", "year", "imdb_id", "tmdb_id"]

NAMES: Mapping[Column, tuple[str, ...]] = {
    "title": ("title", "name", "film", "movie", "movietitle", "filmtitle"),
    "year": ("year", "releaseyear"),
    "imdb_id": ("imdbid", "imdb", "imdbnumber", "const", "tconst", "tt"),
    "tmdb_id": ("tmdbid", "tmdb", "themoviedbid"),
}
"""Names without case, blanks and punctuation; an earlier one wins over a later one."""
TELLING: frozenset[Column] = frozenset({"title", "imdb_id", "tmdb_id"})
"""One of these at least is needed to know a film."""
EXPECTED = "expected a column named title, imdbId or tmdbId (year is read too)"


def recognise(names: Iterable[str]) -> Mapping[Column, int]:
    """Position of each column that is understood."""
    positions: dict[str, int] = {}
    for position, name in enumerate(names):
        positions.setdefault("".join(c for c in name.casefold() if c.isalnum()), position)
    found: dict[Column, int] = {}
    for column, known in NAMES.items():
        named = next((name for name in known if name in positions), None)
        if named is not None:
            found[column] = positions[named]
    return found
