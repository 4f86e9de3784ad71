"""What a person may set a field to: each value is checked and given the form that providers' values have."""

import re
from collections.abc import Callable

from metarr_contracts.base import Json
from metarr_enricher.merge import EMPTY_TEXTS
from metarr_enricher.providers.reading import MAX_NAME, MAX_TEXT, MAX_URL, day, rating

MAX_MINUTES = 6_000
MAX_SCORE = 100
MAX_RATING = 10
MAX_VOTES = 2**31 - 1
MAX_ITEMS = 100
# UTF-8 has no half surrogates, and the database no NUL.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
CONTROL_IN_PROSE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# The path: printed ASCII without blanks, quotes, angle brackets and backslashes.
WEB_ADDRESS = re.compile(r"https://[\w.-]+(?::\d+)?(?:/[!#-;=?-\[\]-~]*)?", re.ASCII)

Reader = Callable[[Json], Json]


def own_value(field: str, value: Json) -> Json:
    """The value in its canonical form; None where it says nothing, which clears the field.

    Raises:
        ValueError: With a sentence that says what was expected.
    """
    if field in ("title", "year"):
        raise ValueError(f"{field} is not set through fields: it is a member of its own")
    blank = isinstance(value, str) and value.strip().casefold() in EMPTY_TEXTS and not CONTROL_IN_PROSE.search(value)
    if value is None or blank or value in ([], {}):
        return None
    return READERS[field](value)


def own_title(value: str) -> str:
    """The title without blanks around it.

    Raises:
        ValueError: It is blank or holds control characters.
    """
    if not value.strip() or CONTROL.search(value):
        raise ValueError("expected a text without control characters")
    return value.strip()


def _text(value: Json) -> Json:
    if not isinstance(value, str) or len(value) > MAX_TEXT or CONTROL.search(value):
        raise ValueError(f"expected a text of up to {MAX_TEXT} characters without control characters")
    return value.strip()


def _prose(value: Json) -> Json:
    if not isinstance(value, str) or len(value) > MAX_TEXT or CONTROL_IN_PROSE.search(value):
        raise ValueError(f"expected a text of up to {MAX_TEXT} characters, of control characters only newline and tab")
    return value.strip()


def _day(value: Json) -> Json:
    if (read := day(value)) is None:
        raise ValueError("expected a date such as 1999-03-31")
    return read


def _whole(lowest: int, highest: int) -> Reader:
    def read(value: Json) -> Json:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ValueError(f"expected a whole number from {lowest} to {highest}")
        return value

    return read


def _rating(value: Json) -> Json:
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MAX_RATING
    if not number or (read := rating(value)) is None:
        raise ValueError(f"expected a number above 0 and up to {MAX_RATING}")
    return read


def _is_name(value: Json) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= MAX_NAME and not CONTROL.search(value)


def _names(value: Json) -> Json:
    if not isinstance(value, list) or len(value) > MAX_ITEMS or not all(_is_name(item) for item in value):
        raise ValueError(f"expected a list of up to {MAX_ITEMS} names of up to {MAX_NAME} characters")
    return [*dict.fromkeys(str(item).strip() for item in value)]


def _cast(value: Json) -> Json:
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise ValueError(f"expected a list of up to {MAX_ITEMS} actors")
    return [_actor(item) for item in value]


def _actor(value: Json) -> Json:
    known = isinstance(value, dict) and value.keys() <= {"name", "role"}
    if not isinstance(value, dict) or not known or not _is_name(value.get("name")):
        raise ValueError('expected actors such as {"name": "Keanu Reeves", "role": "Neo"}')
    role = value.get("role")
    if role is not None and not _is_name(role):
        raise ValueError(f"expected a role of up to {MAX_NAME} characters, or null")
    return {"name": str(value["name"]).strip(), "role": None if role is None else str(role).strip()}


def _web_address(value: Json) -> Json:
    if not isinstance(value, str) or len(value) > MAX_URL or not WEB_ADDRESS.fullmatch(value.strip()):
        raise ValueError("expected an address that begins with https://")
    return value.strip()


READERS: dict[str, Reader] = {
    "plot": _prose,
    **dict.fromkeys(
        ("tagline", "awards", "content_rating", "original_title", "original_language", "collection"), _text
    ),
    "release_date": _day,
    "runtime": _whole(1, MAX_MINUTES),
    **dict.fromkeys(("imdb_rating", "tmdb_rating"), _rating),
    **dict.fromkeys(("rotten_tomatoes_score", "metacritic_score"), _whole(0, MAX_SCORE)),
    **dict.fromkeys(("imdb_votes", "tmdb_votes"), _whole(0, MAX_VOTES)),
    **dict.fromkeys(("genres", "directors", "writers", "studios", "countries"), _names),
    "cast": _cast,
    **dict.fromkeys(("poster", "fanart", "clearlogo", "trailer"), _web_address),
}
"""How each field that a person may set is read."""
