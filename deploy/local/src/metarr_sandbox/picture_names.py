"""Names of picture files that look random and still tell which film and kind of picture they stand for."""

from dataclasses import dataclass

from metarr_sandbox.dice import base62, digest, from_base62, letters

KINDS = (
    "poster",
    "backdrop",
    "logo",
    "profile",
    "company",
    "clearart",
    "disc",
    "banner",
    "thumb",
    "square",
)
_BITS = 47
_MIX = 0x5DEECE66D2B5
"""Odd, so that multiplying by it modulo 2**47 can be undone."""
_UNMIX = pow(_MIX, -1, 1 << _BITS)
_HEAD = 8
_CHECK = 3


@dataclass(frozen=True, slots=True)
class PictureOf:
    """What a file shows: the film's TMDB id, the kind, and which one of several."""

    tmdb_id: int
    kind: str
    index: int


def code(tmdb_id: int, kind: str, index: int = 0) -> str:
    """Eleven base-62 characters: eight that hold the meaning, three that check it."""
    packed = (tmdb_id << 10) | (KINDS.index(kind) << 6) | (index & 63)
    head = base62(packed * _MIX % (1 << _BITS), _HEAD)
    return head + base62(digest("picture", head), _CHECK)


def decode(text: str) -> PictureOf | None:
    """What ``code`` wrote at the beginning of a text; None for foreign names."""
    head, check = text[:_HEAD], text[_HEAD : _HEAD + _CHECK]
    number = from_base62(head)
    if number is None or len(head) != _HEAD or base62(digest("picture", head), _CHECK) != check:
        return None
    packed = number * _UNMIX % (1 << _BITS)
    kind = packed >> 6 & 15
    return PictureOf(packed >> 10, KINDS[kind], packed & 63) if kind < len(KINDS) else None


def tmdb_path(tmdb_id: int, kind: str, index: int = 0) -> str:
    """A TMDB ``file_path``: slash, 27 characters, extension."""
    head = code(tmdb_id, kind, index)
    rest = letters(27 - len(head), "rest", head)
    return f"/{head}{rest}.{'png' if kind in {'logo', 'company'} else 'jpg'}"
