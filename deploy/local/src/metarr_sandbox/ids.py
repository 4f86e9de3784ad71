"""How made-up IMDb and TMDB ids belong together, in both directions, and which of them a provider does not know."""

from metarr_sandbox import catalog
from metarr_sandbox.dice import digest

TMDB_OFFSET = 10_000_000
"""IMDb number n below 90 million, not in the catalog: TMDB id 10,000,000 + n."""
IMDB_OFFSET = 90_000_000
"""TMDB id t below 10 million, not in the catalog: IMDb number 90,000,000 + t."""
UNKNOWN_NUMBER = 9_999_999
"""tt9999999 is known to nobody, as in the real services."""

_LARGEST = IMDB_OFFSET + TMDB_OFFSET


def tmdb_id_of(imdb_number: int) -> int | None:
    """The TMDB id of an IMDb number; None if there is no such film."""
    entry = catalog.by_imdb_number().get(imdb_number)
    if entry is not None:
        return entry.tmdb_id
    if not 0 < imdb_number < _LARGEST or imdb_number == UNKNOWN_NUMBER:
        return None
    tmdb_id = imdb_number + TMDB_OFFSET if imdb_number < IMDB_OFFSET else imdb_number - IMDB_OFFSET
    return tmdb_id if tmdb_id and tmdb_id not in catalog.by_tmdb_id() else None


def imdb_number_of(tmdb_id: int) -> int | None:
    """The IMDb number of a TMDB id that is not in the catalog; None if there is no such film."""
    if not 0 < tmdb_id < _LARGEST or tmdb_id in catalog.by_tmdb_id():
        return None
    number = tmdb_id - TMDB_OFFSET if tmdb_id >= TMDB_OFFSET else tmdb_id + IMDB_OFFSET
    return number if number and number != UNKNOWN_NUMBER and number not in catalog.by_imdb_number() else None


def parse_imdb_id(text: str) -> int | None:
    """The number of a well-formed IMDb id (``tt`` and seven or eight digits), else None."""
    digits = text[2:]
    well_formed = text[:2] == "tt" and len(digits) in {7, 8} and digits.isascii() and digits.isdigit()
    return int(digits) if well_formed else None


def format_imdb_id(number: int) -> str:
    """The canonical IMDb id: ``tt`` and the number padded to seven digits."""
    return f"tt{number:07d}"


def known_to(provider: str, tmdb_id: int) -> bool:
    """Whether a provider has heard of a made-up film: TMDB and OMDb of 99 %, fanart.tv of 92 %."""
    missing = 8 if provider == "fanart" else 1
    return digest("known", provider, tmdb_id) % 100 >= missing
