"""An import's outcome as text."""

from metarr_contracts.events import ImportCounts, ImportedRow
from metarr_local.import_report import counts_line, ignored_line, rows_table


def test_all_four_counts_are_told() -> None:
    """Also those that are zero."""
    counts = ImportCounts(added=3, rejected=1)
    assert counts_line(counts) == "3 added, 0 already there, 0 in conflict, 1 rejected"


def test_rows_stand_in_columns() -> None:
    """Row, result, title, and why: field with reason, reason alone (of a whole row, too), note."""
    rows = (
        ImportedRow(row=2, result="rejected", title="Alien", field="imdbId", reason="is no IMDb id"),
        ImportedRow(row=10, result="conflict", reason="two films", note="read as tt0078748"),
        ImportedRow(row=11, result="added", title="T" * 50, note="year left out"),
        ImportedRow(row=12, result="rejected", field="row", reason="title: longer than 500 characters"),
    )
    assert rows_table(rows).splitlines() == [
        f"Row  Result    {'Title':<40}  Why",
        f"2    rejected  {'Alien':<40}  imdbId: is no IMDb id",
        f"10   conflict  {'':<40}  two films; read as tt0078748",
        f"11   added     {'T' * 39}…  year left out",
        f"12   rejected  {'':<40}  title: longer than 500 characters",
    ]


def test_no_rows_no_table() -> None:
    """Headings alone would only raise questions."""
    assert rows_table(()) == ""


def test_columns_that_were_not_read_are_named() -> None:
    """The first ones by name, the others by number; nothing where there are none."""
    assert ignored_line(()) == ""
    assert ignored_line(("Shelf", "Seen on")) == "Not read: Shelf, Seen on"
    assert ignored_line(tuple("abcdefghijklmn")) == "Not read: a, b, c, d, e, f, g, h, i, j, k, l and 2 more"
