"""Which language a picture or a trailer speaks, and which one the library would rather have."""

from metarr_contracts.base import Json

ENGLISH = "en"
WITHOUT_LANGUAGE = frozenset({"", "00", "xx"})
MAX_CODE = 3


def language_of(code: Json) -> str | None:
    """The ISO 639-1 code in lower case; None for a picture without words."""
    read = code.strip().lower() if isinstance(code, str) else ""
    usable = read.isascii() and read.isalpha() and len(read) <= MAX_CODE
    return read if usable and read not in WITHOUT_LANGUAGE else None


def with_words(language: str | None, library: str) -> int:
    """Rank (0 is best) of what carries words: the library's language, English, no language, any other."""
    return {library: 0}.get(language or "", {ENGLISH: 1, None: 2}.get(language, 3))


def without_words(language: str | None, library: str) -> int:
    """Rank (0 is best) of what is better without words, such as a background."""
    return 0 if language is None else 1 + with_words(language, library)
