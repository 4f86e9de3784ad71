"""Which format an uploaded list has: by its media type, else by how it begins. Pure."""

import codecs
from typing import Literal

from metarr_gateway.errors import ApiError
from metarr_gateway.parsing import media_type

Format = Literal["json", "ndjson", "csv"]

FORMATS: dict[str, Format] = {
    "application/json": "json",
    "text/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/x-jsonlines": "ndjson",
    "text/csv": "csv",
    "application/csv": "csv",
    "text/tab-separated-values": "csv",
}
UNTOLD = frozenset({"", "application/octet-stream", "text/plain", "application/vnd.ms-excel"})
"""Types that say nothing: browsers take them for files that they do not know."""
EXPECTED = "expected a JSON array, newline-delimited JSON, or CSV with a header line"


def format_of(content_type: str | None, text: str) -> Format:
    """The format.

    Raises:
        ApiError: the media type is of something else.
    """
    kind, _ = media_type(content_type or "")
    if kind in FORMATS:
        return FORMATS[kind]
    if kind not in UNTOLD:
        raise ApiError("unsupported_media_type", f"{kind} is not understood here: {EXPECTED}")
    match text.lstrip()[:1]:
        case "[":
            return "json"
        case "{":
            return "ndjson"
        case _:
            return "csv"


def decode(content: bytes) -> str:
    """The text without a byte order mark.

    Raises:
        ApiError: it is empty or not UTF-8.
    """
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ApiError(
            "invalid_file", f"The file is not UTF-8 (line {line}); save it as UTF-8 and try again"
        ) from error
    if "\x00" in text:
        raise ApiError(
            "invalid_file", "The file is not UTF-8 text (it holds zero bytes); save it as UTF-8 and try again"
        )
    if not text.strip():
        raise ApiError("invalid_file", f"The file is empty: {EXPECTED}")
    return text
