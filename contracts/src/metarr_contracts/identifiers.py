"""Canonical forms of the ids and titles by which a film is known."""

import re
import unicodedata

IMDB_PATTERN = re.compile(r"\s*(?:tt)?([0-9]{1,10})\s*", re.IGNORECASE)
MOVIE_ID_PATTERN = re.compile(r"[1-9][0-9]{0,8}")
MAX_TMDB_ID = 2_147_483_647
APOSTROPHES = "'`\u2019"


def canonical_imdb_id(text: str) -> str:
    """`tt` and the number padded to seven digits: `tt420238` and `TT00420238` are both `tt0420238`.

    Raises:
        ValueError: the text is no IMDb id.
    """
    match = IMDB_PATTERN.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ValueError("expected an IMDb id such as tt0133093")
    return f"tt{int(match[1]):07d}"


def parse_movie_id(token: str) -> int | None:
    """The id in a subject or path; None unless it is canonical (`001` and `+1` are not)."""
    return int(token) if MOVIE_ID_PATTERN.fullmatch(token) else None


def normalise_title(title: str) -> str:
    """The title without case, Latin accents, punctuation and doubled blanks, for comparing; `&` reads `and`.

    Letters of every script stay with the marks that belong to them, so a title that has no Latin letter still has a
    form of its own.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", title).casefold()).replace("&", " and ")
    kept = "".join(character if _is_letter(character) else " " for character in folded if not _is_dropped(character))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


def _is_dropped(character: str) -> bool:
    """Accents of Latin, Greek and Cyrillic letters, and apostrophes, which are often left out."""
    return "\u0300" <= character <= "\u036f" or character in APOSTROPHES


def title_key(title: str, year: int | None) -> str:
    """One subject token for a film known by title and year alone; hex, since titles hold dots and blanks."""
    words = normalise_title(title) or title.strip().casefold()
    return f"{words}|{year or ''}".encode().hex()
