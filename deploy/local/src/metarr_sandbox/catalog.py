"""The films the sandbox really knows: well-known titles with their true ids, and the demo library made of them."""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of catalog.csv. A row without any id stands for a film that no provider has heard of."""

    title: str
    original_title: str
    language: str
    countries: tuple[str, ...]
    year: int
    minutes: int | None
    rating: str
    genres: tuple[str, ...]
    directors: tuple[str, ...]
    cast: tuple[str, ...]
    overview: str
    imdb_number: int | None
    tmdb_id: int | None
    given: str
    """What the demo library says of it: ``both``, ``imdb``, ``tmdb``, ``title``, or ``no`` for not in it."""


def normalised(title: str) -> str:
    """A title without case, accents and punctuation: ``"Amélie!"`` -> ``"amelie"``; other scripts stay as they are."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(c))
    return _NO_WORD.sub(" ", bare).strip() or title.casefold().strip()


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def _entry(row: dict[str, str]) -> Entry:
    return Entry(
        title=row["title"],
        original_title=row["original_title"] or row["title"],
        language=row["language"],
        countries=_parts(row["country"]),
        year=int(row["year"]),
        minutes=int(row["minutes"]) if row["minutes"] else None,
        rating=row["rating"],
        genres=_parts(row["genres"]),
        directors=_parts(row["director"]),
        cast=_parts(row["cast"]),
        overview=row["overview"],
        imdb_number=int(row["imdb_id"][2:]) if row["imdb_id"] else None,
        tmdb_id=int(row["tmdb_id"]) if row["tmdb_id"] else None,
        given=row["given"],
    )


@cache
def entries() -> tuple[Entry, ...]:
    """All rows of the catalog, in the file's order."""
    text = (files("metarr_sandbox") / "catalog.csv").read_text(encoding="utf-8")
    return tuple(_entry(row) for row in csv.DictReader(text.splitlines()))


@cache
def by_imdb_number() -> dict[int, Entry]:
    """The catalog by IMDb number (``tt0137523`` is 137523)."""
    return {entry.imdb_number: entry for entry in entries() if entry.imdb_number is not None}


@cache
def by_tmdb_id() -> dict[int, Entry]:
    """The catalog by TMDB id."""
    return {entry.tmdb_id: entry for entry in entries() if entry.tmdb_id is not None}


@cache
def titles() -> tuple[tuple[int | None, frozenset[str]], ...]:
    """TMDB id, and title and original title as they are compared in a search, of each row."""
    return tuple(
        (entry.tmdb_id, frozenset((normalised(entry.title), normalised(entry.original_title)))) for entry in entries()
    )


def _row(entry: Entry) -> dict[str, str | int]:
    row: dict[str, str | int] = {"title": entry.title, "year": entry.year}
    if entry.given in {"both", "imdb"} and entry.imdb_number is not None:
        row["imdbId"] = f"tt{entry.imdb_number:07d}"
    if entry.given in {"both", "tmdb"} and entry.tmdb_id is not None:
        row["tmdbId"] = entry.tmdb_id
    return row


def demo_library() -> list[dict[str, str | int]]:
    """The import rows of the demo: ``title``, ``year`` and, where the library knows them, ``imdbId`` and ``tmdbId``.

    A few have a title only; of these "Pinocchio" (2022) fits two films and "Our Summer at the Lake" none.
    """
    return [_row(entry) for entry in entries() if entry.given != "no"]
