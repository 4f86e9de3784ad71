"""Reads an uploaded list of films; a bad line becomes a row with a problem and never stops the rest. Pure."""

import csv
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pydantic_core import from_json

from metarr_contracts.base import Json
from metarr_contracts.library import ImportRow
from metarr_gateway import import_columns
from metarr_gateway.errors import ApiError
from metarr_gateway.import_columns import TELLING, Column, recognise
from metarr_gateway.import_format import EXPECTED, Format

NEW_LINE = re.compile(r"\r\n|\n|\r")
DELIMITERS = (",", ";", "\t")
MAX_RECORD_LINES = 8
"""Line breaks within quotes are rare; a quote that is never closed must not swallow the file."""
MAX_LENGTH = 500
"""Characters of a value."""

Cells = Mapping[Column, Json]


def read_rows(text: str, kind: Format) -> Iterator[ImportRow]:
    """The rows, counted from 1; blank lines are not counted.

    Raises:
        ApiError: the whole file is not what it should be.
    """
    return (_row(number, cells) for number, cells in enumerate(READERS[kind](text), start=1))


def _row(number: int, cells: Cells | str) -> ImportRow:
    if isinstance(cells, str):
        return ImportRow(row=number, problem=cells)
    try:
        title = _value("title", cells.get("title"))
        return ImportRow(
            row=number,
            title=html.unescape(title).strip() or None if title else None,
            year=_value("year", cells.get("year")),
            imdb_id=_value("imdbId", cells.get("imdb_id")),
            tmdb_id=_value("tmdbId", cells.get("tmdb_id")),
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


def _json_array(text: str) -> Iterator[Cells | str]:
    try:
        films = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise ApiError("invalid_file", f"The file is not valid JSON: {error}") from error
    if not isinstance(films, list):
        raise ApiError("invalid_file", f"The file is not a list: {EXPECTED}")
    if not films:
        raise ApiError("invalid_file", f"The list is empty: {EXPECTED}")
    return map(_film, films)


def _json_lines(text: str) -> Iterator[Cells | str]:
    for line in NEW_LINE.split(text):
        if line.strip():
            try:
                film = from_json(line, allow_inf_nan=False)
            except ValueError as error:
                yield f"not valid JSON: {error}"
            else:
                yield _film(film)


def _film(film: Json) -> Cells | str:
    if not isinstance(film, dict):
        return "expected a JSON object"
    values = list(film.values())
    return {column: values[position] for column, position in recognise(film).items()}


def _csv(text: str) -> Iterator[Cells | str]:
    lines = [line for line in NEW_LINE.split(text) if line.strip()]
    delimiter, header = _header(lines[0])
    columns = recognise(header)
    if not TELLING & columns.keys():
        raise ApiError("invalid_file", f"No column was recognised: {import_columns.EXPECTED}")
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
        cells = _split(lines[start:end], delimiter)
        if cells is not None:
            return cells, end
    return None, start + 1


def _split(lines: Sequence[str], delimiter: str) -> Sequence[str] | None:
    """The cells of one record; None where it is not one whole record."""
    try:
        records = list(csv.reader([f"{line}\n" for line in lines], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def _fault(line: str, delimiter: str) -> str:
    """Why no record begins with this line."""
    try:
        list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "field limit" in str(error):
            return f"a value is longer than {MAX_LENGTH} characters"
    return "a quotation mark is not closed, or text follows it"


READERS: Mapping[Format, Callable[[str], Iterator[Cells | str]]] = {
    "json": _json_array,
    "ndjson": _json_lines,
    "csv": _csv,
}
