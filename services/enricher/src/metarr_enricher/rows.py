"""A row of an import, or a film added by hand: checked field by field. Bad rows are answers, not errors."""

from dataclasses import dataclass

from metarr_contracts.identifiers import MAX_TMDB_ID, canonical_imdb_id
from metarr_contracts.library import AddMovie
from metarr_contracts.movie import ExternalIds

FIRST_YEAR = 1870
LAST_YEAR = 2200
LONGEST_TITLE = 500


@dataclass(frozen=True)
class CheckedRow:
    """A row that makes sense; `note` says what was read differently from how it was written."""

    title: str | None
    year: int | None
    ids: ExternalIds
    note: str | None = None


@dataclass(frozen=True)
class BadRow:
    """A row that does not, the first field that is wrong, and what was expected."""

    field: str
    reason: str


class _BadFieldError(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def check(row: AddMovie) -> CheckedRow | BadRow:
    """The row in canonical form, or what is wrong with it."""
    try:
        title, year = _title(row.title), _year(row.year)
        imdb, note = _imdb(row.imdb_id)
        tmdb = _tmdb(row.tmdb_id)
    except _BadFieldError as problem:
        return BadRow(problem.field, problem.reason)
    if not (title or imdb or tmdb):
        return BadRow("title", "expected a title, an IMDb id or a TMDB id")
    return CheckedRow(title, year, ExternalIds(imdb=imdb, tmdb=tmdb), note)


def _title(text: str | None) -> str | None:
    title = " ".join((text or "").split())
    if len(title) > LONGEST_TITLE:
        raise _BadFieldError("title", f"expected at most {LONGEST_TITLE} characters, found {len(title)}")
    if any(not character.isprintable() for character in title):
        raise _BadFieldError("title", "expected text without control characters")
    return title or None


def _year(value: int | str | None) -> int | None:
    text = str(value).strip() if value is not None else ""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise _BadFieldError("year", f"expected a year from {FIRST_YEAR} to {LAST_YEAR}, found {text[:40]!r}")
    return int(text)


def _imdb(value: str | None) -> tuple[str | None, str | None]:
    text = (value or "").strip()
    if not text:
        return None, None
    try:
        canonical = canonical_imdb_id(text)
    except ValueError as error:
        raise _BadFieldError("imdbId", f"{error}, found {text[:40]!r}") from error
    return canonical, None if canonical == text else f"IMDb id {text} read as {canonical}"


def _tmdb(value: int | str | None) -> int | None:
    text = str(value).strip() if value is not None else ""
    if text in ("", "0"):  # Radarr writes 0 for unknown.
        return None
    if not text.isascii() or not text.isdigit() or int(text) > MAX_TMDB_ID:
        raise _BadFieldError("tmdbId", f"expected a positive number such as 603, found {text[:40]!r}")
    return int(text)
