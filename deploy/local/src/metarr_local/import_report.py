"""Pure: an import's outcome as text for a terminal."""

from collections.abc import Iterable, Sequence

from metarr_contracts.events import ImportCounts, ImportedRow

HEADINGS = ("Row", "Result", "Title", "Why")
LONGEST_TITLE = 40
MOST_NAMES = 12


def counts_line(counts: ImportCounts) -> str:
    """One line with all four counts."""
    return (
        f"{counts.added} added, {counts.unchanged} already there, "
        f"{counts.conflict} in conflict, {counts.rejected} rejected"
    )


def ignored_line(names: Sequence[str]) -> str:
    """One line with the columns that nothing was read from, the first ones by name; empty where there are none."""
    if not names:
        return ""
    more = len(names) - MOST_NAMES
    return f"Not read: {', '.join(names[:MOST_NAMES])}{f' and {more} more' if more > 0 else ''}"


def rows_table(rows: Sequence[ImportedRow]) -> str:
    """A table of the rows; empty without rows."""
    if not rows:
        return ""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS) - 1)]
    return "\n".join(_line(row, widths) for row in cells)


def _cells(row: ImportedRow) -> tuple[str, str, str, str]:
    # What is wrong with a row as a whole says so itself.
    field = row.field if row.field != "row" else None
    why = f"{field}: {row.reason}" if field and row.reason else row.reason or field
    words = [part for part in (why, row.note) if part]
    return str(row.row), row.result, _cut(row.title or ""), "; ".join(words)


def _cut(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _line(row: Iterable[str], widths: Sequence[int]) -> str:
    *aligned, last = row
    return "  ".join((*(f"{cell:<{width}}" for cell, width in zip(aligned, widths, strict=True)), last)).rstrip()
