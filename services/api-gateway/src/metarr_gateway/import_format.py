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
ARCHIVE = b"PK\x03\x04"
"""What a ZIP archive begins with, and so a workbook."""
SAVE = "save it as UTF-8 (in Excel as CSV UTF-8) and try again"
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
    """The text without a byte order mark; one of UTF-16, as Excel writes "Unicode text", says what it is.

    Raises:
        ApiError: it is empty, or neither UTF-8 nor UTF-16 with a mark.
    """
    if content.startswith(ARCHIVE):
        raise ApiError("invalid_file", f"The file is a workbook or an archive; {SAVE}")
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16") if wide else content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        kind = "UTF-16" if wide else "UTF-8"
        raise ApiError("invalid_file", f"The file is not {kind} (line {line}); {SAVE}") from error
    if "\x00" in text:
        raise ApiError("invalid_file", f"The file is not UTF-8 text (it holds zero bytes); {SAVE}")
    if not text.strip():
        raise ApiError("invalid_file", f"The file is empty: {EXPECTED}")
    return text
