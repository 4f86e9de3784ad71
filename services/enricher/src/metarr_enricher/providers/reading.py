"""Readers of JSON that nobody promised us: each gives a clean value or None and never raises.

Limits keep an answer well below the largest message of the bus (1 MB), whatever a provider sends.
"""

import json
import math
import re
from collections.abc import Iterable
from datetime import date
from typing import NoReturn

from metarr_contracts.base import Json
from metarr_contracts.identifiers import MAX_TMDB_ID, canonical_imdb_id

MAX_TEXT = 10_000
MAX_NAME = 300
MAX_NAMES = 50
MAX_URL = 1_000
MAX_MESSAGE = 200
MAX_DIGITS = 15
NOT_PRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
YEAR = re.compile(r"[12]\d{3}(?!\d)", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
WEB_ADDRESS = re.compile(r"https?://([\w.-]+(?::\d+)?/[^\s\"<>\\\x00-\x1f\x7f-\x9f\ud800-\udfff]+)", re.ASCII)


def read_json(body: bytes) -> tuple[bool, Json]:
    """Whether the body is JSON, and what it says."""
    try:
        return True, json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False, None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def mapping(value: Json) -> dict[str, Json]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Json) -> list[dict[str, Json]]:
    """The objects of a list, in order; whatever else stands between them is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Json, limit: int = MAX_TEXT) -> str | None:
    """A text that says something. UTF-8 has no half surrogates and the database no control characters: they go."""
    if not isinstance(value, str):
        return None
    clean = NOT_PRINTED.sub("", value[: 2 * limit].encode("utf-8", "replace").decode("utf-8"))
    return clean.strip()[:limit].rstrip() or None


def name(value: Json) -> str | None:
    """A short text on one line."""
    words = text(value, 2 * MAX_NAME)
    return " ".join(words.split())[:MAX_NAME].rstrip() if words else None


def names(values: Iterable[Json]) -> list[Json]:
    """The names, each once, in the order of their first mention."""
    found: list[Json] = [*dict.fromkeys(read for value in values if (read := name(value)))]
    return found[:MAX_NAMES]


def number(value: Json) -> float | None:
    """A finite number; also one written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def whole(value: Json) -> int | None:
    """A whole number; also one written as text, with or without commas between the thousands."""
    if isinstance(value, str):
        digits = value.strip().replace(",", "")
        return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS else None
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**MAX_DIGITS else None


def positive(value: Json) -> int | None:
    """A whole number above 0, where 0 means unknown."""
    read = whole(value)
    return read if read and read > 0 else None


def rating(value: Json) -> float | None:
    """A rating above 0 and up to 10, with one decimal."""
    read = number(value)
    rounded = round(read, 1) if read is not None and 0 < read <= 10 else None  # noqa: PLR2004 - the scale of both providers
    return rounded or None


def day(value: Json) -> str | None:
    """A date as `YYYY-MM-DD`."""
    if not isinstance(value, str) or not ISO_DATE.fullmatch(value.strip()):
        return None
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        return None


def year_of(value: Json) -> int | None:
    """The year that a date or the text itself begins with."""
    match = YEAR.match(value) if isinstance(value, str) else None
    return int(match[0]) if match else None


def web_address(value: Json) -> str | None:
    """The address of a picture, as https: the providers' old http addresses are served over https too."""
    match = WEB_ADDRESS.fullmatch(value.strip()) if isinstance(value, str) and len(value) <= MAX_URL else None
    return f"https://{match[1]}" if match else None


def imdb_id(value: Json) -> str | None:
    """A canonical IMDb id."""
    try:
        return canonical_imdb_id(value) if isinstance(value, str) else None
    except ValueError:
        return None


def tmdb_id(value: Json) -> int | None:
    """A TMDB id."""
    read = positive(value)
    return read if read and read <= MAX_TMDB_ID else None


def message(value: Json) -> str:
    """What a provider says of a failure, short enough for a line."""
    return (name(value) or "no reason given")[:MAX_MESSAGE]
