"""Reads an uploaded list of films; a bad line becomes a row with a problem and never stops the rest. Pure."""

import csv
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from pydantic_core import from_json

from metarr_contracts.base import Json
from metarr_contracts.library import ImportRow
from metarr_gateway import import_columns
from metarr_gateway.errors import ApiError
from metarr_gateway.import_columns import TELLING, Column, Ignored, folded, recognise, told
from metarr_gateway.import_format import EXPECTED, Format

LINE = re.compile(r"[^\r\n]+")
DELIMITERS = (",", ";", "\t")
MAX_RECORD_LINES = 8
"""Line breaks within quotes are rare; a quote that is never closed must not swallow the file."""
UNFINISHED = "unexpected end of data"
"""What the reader says of a record whose quotation mark is still open."""
MAX_LENGTH = 500
"""Characters of a value."""
MOST_LINES = 1_000_000
"""Of a CSV file, blank ones not counted; more films than half as many are not taken anyway."""
LONGEST_HEADER = 64 * 1024
"""Characters. A longer line names no columns, and taking it apart would take long."""
MOST_VALUES = 5_000_000
"""Of one JSON text, ten for each film that may be in it: two characters make a value, and each takes memory."""

SEPARATOR = re.compile(r'"?sep=.?"?\s*', re.IGNORECASE)
"""What Excel may begin a file with; the header tells the delimiter as well."""
LISTS = frozenset({"result", "movies", "items"})
"""Keys under which exports of Kodi (`result`, in it `movies`), Jellyfin and Emby (`Items`) have their list."""
IDS = frozenset({"uniqueid", "providerids"})
"""Keys under which the films of those have their ids."""
WHOLE = re.compile(r"(\d+)\.0+")
"""A whole number from a table whose column has gaps."""

Cells = Mapping[Column, Json]


def read_rows(text: str, kind: Format, ignored: Ignored) -> Iterator[ImportRow]:
    """The rows, counted from 1; blank lines are not counted. `ignored` is told what is in none of them.

    Raises:
        ApiError: the whole file is not what it should be.
    """
    return (_row(number, cells) for number, cells in enumerate(READERS[kind](text, ignored), start=1))


def _row(number: int, cells: Cells | str) -> ImportRow:
    if isinstance(cells, str):
        return ImportRow(row=number, problem=cells)
    try:
        title = _value("title", cells.get("title"))
        return ImportRow(
            row=number,
            title=html.unescape(title).strip() or None if title else None,
            year=_whole("year", cells.get("year")),
            imdb_id=_value("imdbId", cells.get("imdb_id")),
            tmdb_id=_whole("tmdbId", cells.get("tmdb_id")),
        )
    except ValueError as error:
        return ImportRow(row=number, problem=str(error))


def _value(name: str, value: Json) -> str | None:
    """A cell as text; a title such as 300 may come as a number."""
    if value is None:
        return None
    if isinstance(value, bool | list | dict):
        raise ValueError(f"{name}: expected text or a number")  # noqa: TRY004 - the row is wrong, not our call
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    if len(text) > MAX_LENGTH:
        raise ValueError(f"{name}: longer than {MAX_LENGTH} characters")
    return text or None


def _whole(name: str, value: Json) -> str | None:
    text = _value(name, value)
    whole = WHOLE.fullmatch(text or "")
    return whole[1] if whole else text


def _json_array(text: str, ignored: Ignored) -> Iterator[Cells | str]:
    try:
        films = _listed(_values(text))
    except ValueError as error:
        raise ApiError("invalid_file", f"The file is not valid JSON: {error}") from error
    if not isinstance(films, list):
        raise ApiError("invalid_file", f"The file is not a list: {EXPECTED}")
    if not films:
        raise ApiError("invalid_file", f"The list is empty: {EXPECTED}")
    return (_film(film, ignored) for film in films)


def _listed(value: Json) -> Json:
    """The list of films, whatever it is wrapped in."""
    while isinstance(value, dict):
        inner = (inner for name, inner in value.items() if folded(name) in LISTS and isinstance(inner, list | dict))
        value = next(inner, None)
    return value


def _json_lines(text: str, ignored: Ignored) -> Iterator[Cells | str]:
    for line in _lines(text):
        try:
            film = _values(line)
        except ValueError as error:
            yield f"not valid JSON: {error}"
        else:
            yield _film(film, ignored)


def _lines(text: str) -> Iterator[str]:
    """The lines that are not blank, one by one."""
    return (line for line in (found[0] for found in LINE.finditer(text)) if line.strip())


def _values(text: str) -> Json:
    # Each value follows one of these, or stands alone.
    if sum(map(text.count, ",[{")) > MOST_VALUES:
        raise ValueError(f"it holds more than {MOST_VALUES} values")
    values: Json = from_json(text, allow_inf_nan=False)
    return values


def _film(film: Json, ignored: Ignored) -> Cells | str:
    if not isinstance(film, dict):
        return "expected a JSON object"
    names, values = zip(*_pairs(film), strict=True) if film else ((), ())
    columns = recognise(names)
    ignored.note(names, columns.values())
    return {column: values[position] for column, position in columns.items()}


def _pairs(film: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Keys and values, those of ids that stand in an object of their own in its place."""
    for name, value in film.items():
        if isinstance(value, dict) and folded(name) in IDS:
            yield from value.items()
        else:
            yield name, value


def _csv(text: str, ignored: Ignored) -> Iterator[Cells | str]:
    lines = list(islice(_lines(text), MOST_LINES + 1))
    if len(lines) > MOST_LINES:
        raise ApiError("body_too_large", f"The file holds more than {MOST_LINES} lines")
    if SEPARATOR.fullmatch(lines[0]):
        lines = lines[1:] or [""]
    if len(lines[0]) > LONGEST_HEADER:
        raise ApiError("invalid_file", f"The first line is too long to be a header: {EXPECTED}")
    delimiter, header = _header(lines[0])
    columns = recognise(header)
    if not TELLING & columns.keys():
        found = f"the first line reads {told(lines[0])!r}"
        raise ApiError("invalid_file", f"No column was recognised: {import_columns.EXPECTED}; {found}")
    ignored.note(header, columns.values())
    return _records(lines, delimiter, len(header), columns)


def _header(line: str) -> tuple[str, Sequence[str]]:
    """Delimiter and names: the delimiter by which most columns are recognised.

    A tab wins where there is only one, so that titles with commas stay whole.
    """
    read = [(delimiter, _split([line], delimiter)) for delimiter in reversed(DELIMITERS)]
    delimiter, names = max(read, key=lambda item: (len(recognise(item[1] or ())), len(item[1] or ())))
    return delimiter, names or ()


def _records(lines: Sequence[str], delimiter: str, width: int, columns: Mapping[Column, int]) -> Iterator[Cells | str]:
    start = 1
    while start < len(lines):
        cells, end = _record(lines, start, delimiter)
        if cells is None:
            yield _fault(lines[start], delimiter)
        elif any(cell.strip() for cell in cells[width:]):
            yield f"{len(cells)} values in a line, but {width} columns"
        elif any(cell.strip() for cell in cells):
            yield {column: cells[position] for column, position in columns.items() if position < len(cells)}
        start = end


def _record(lines: Sequence[str], start: int, delimiter: str) -> tuple[Sequence[str] | None, int]:
    """The cells of the record that begins here, and where the next begins."""
    for end in range(start + 1, min(start + MAX_RECORD_LINES, len(lines)) + 1):
        try:
            return _cells(lines[start:end], delimiter), end
        except csv.Error as error:
            if UNFINISHED not in str(error):
                break  # no further line can mend it
    return None, start + 1


def _split(lines: Sequence[str], delimiter: str) -> Sequence[str] | None:
    """The cells of one record; None where it is not one whole record."""
    try:
        return _cells(lines, delimiter)
    except csv.Error:
        return None


def _cells(lines: Sequence[str], delimiter: str) -> Sequence[str]:
    records = list(csv.reader([f"{line}\n" for line in lines], delimiter=delimiter, strict=True))
    if len(records) != 1:
        raise csv.Error("not one record")
    return records[0]


def _fault(line: str, delimiter: str) -> str:
    """Why no record begins with this line."""
    try:
        list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "field limit" in str(error):
            return f"a value is longer than {MAX_LENGTH} characters"
    return "a quotation mark is not closed, or text follows it"


READERS: Mapping[Format, Callable[[str, Ignored], Iterator[Cells | str]]] = {
    "json": _json_array,
    "ndjson": _json_lines,
    "csv": _csv,
}
