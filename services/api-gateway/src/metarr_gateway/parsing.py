"""Reads ids, query strings and JSON bodies; what is wrong is said with the name of the field. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from metarr_contracts.base import Request
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.identifiers import parse_movie_id
from metarr_contracts.readmodels import MAX_MOVIE_ID, MAX_SEQ
from metarr_gateway.errors import ApiError, invalid

R = TypeVar("R", bound=Request)

JOB_ID_PATTERN = re.compile(r"[1-9][0-9]{0,15}")
JSON_TYPES = frozenset({"application/json", "text/json"})
UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})
SENTENCES = {"extra_forbidden": "is not known here", "missing": "is required"}
"""By pydantic's type of error, where its own words are for programmers."""
LONGEST_NAME = 100
"""Characters of a name that is shown to whoever sent it; no name that is known is as long."""
UNION_MEMBERS = frozenset({"int", "str"})
PictureKind = Literal["poster", "fanart", "clearlogo"]
PICTURE_FILE_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,80}\.(jpg|jpeg|png|svg|webp)")


def movie_id(token: str) -> int:
    """The id of a film in a path.

    Raises:
        ApiError: it is not canonical, or too large.
    """
    number = parse_movie_id(token)
    if number is None:
        raise _invalid_id(MAX_MOVIE_ID)
    return number


def job_id(token: str) -> int:
    """The id of a job in a path.

    Raises:
        ApiError: it is not canonical, or too large.
    """
    if JOB_ID_PATTERN.fullmatch(token) is None or int(token) > MAX_SEQ:
        raise _invalid_id(MAX_SEQ)
    return int(token)


def picture_kind(token: str) -> PictureKind:
    """The kind of a picture in a path.

    Raises:
        ApiError: there is no such kind.
    """
    match token:
        case "poster" | "fanart" | "clearlogo":
            return token
        case _:
            raise invalid("kind: expected poster, fanart or clearlogo", "kind")


def picture_file(token: str) -> str:
    """The name of a picture's file in a path.

    Raises:
        ApiError: no picture has such a name.
    """
    if PICTURE_FILE_PATTERN.fullmatch(token) is None:
        raise ApiError("picture_not_found")
    return token


def provider_name(token: str) -> ProviderName:
    """The name of a provider in a path.

    Raises:
        ApiError: there is no such provider.
    """
    for provider in PROVIDERS:
        if token == provider:
            return provider
    raise ApiError("provider_not_found")


def query_string(pairs: Iterable[tuple[str, str]], model: type[R]) -> R:
    """The parameters after the question mark.

    Raises:
        ApiError: one is unknown, given twice, or not of its type.
    """
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise invalid(f"{_shown(name)}: given twice", _shown(name))
        values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _invalid_value(error) from error


def json_body(body: bytes, content_type: str | None, model: type[R]) -> R:
    """The JSON object of a body; nothing at all means the defaults.

    Raises:
        ApiError: not JSON, an unknown field, or a value of the wrong type.
    """
    if not body.strip():
        body = b"{}"
    elif content_type is not None:
        _require_json_type(content_type)
    try:
        from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ApiError("invalid_json", f"The body is not valid JSON: {error}") from error
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise _invalid_value(error) from error


def media_type(content_type: str) -> tuple[str, Mapping[str, str]]:
    """The type without its parameters, and those; both in lower case."""
    kind, *rest = (part.strip() for part in content_type.lower().split(";"))
    parameters = (part.partition("=") for part in rest if "=" in part)
    return kind, {name.strip(): value.strip().strip('"') for name, _, value in parameters}


def problem(details: ErrorDetails) -> tuple[str, str | None]:
    """What pydantic found: a sentence for a person, and the field."""
    field = ".".join(_shown(str(part)) for part in _named(details["loc"])) or None
    sentence = SENTENCES.get(details["type"]) or details["msg"].removeprefix("Value error, ")
    return (f"{field}: {sentence}" if field else sentence), field


def _shown(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def _named(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The location as the sender knows it: where a field may be of several types, pydantic adds the one it tried."""
    return loc[:-1] if len(loc) > 1 and loc[-1] in UNION_MEMBERS else loc


def _invalid_id(largest: int) -> ApiError:
    return invalid(f"id: expected a whole number from 1 to {largest}", "id")


def _require_json_type(content_type: str) -> None:
    kind, parameters = media_type(content_type)
    if kind not in JSON_TYPES and not kind.endswith("+json"):
        raise ApiError("unsupported_media_type", f"Expected application/json, not {kind}")
    if parameters.get("charset", "utf-8") not in UTF8:
        raise ApiError("unsupported_media_type", "JSON is read as UTF-8 only")


def _invalid_value(error: ValidationError) -> ApiError:
    return invalid(*problem(error.errors(include_input=False, include_url=False)[0]))
