"""Which files can be imported."""

from pathlib import Path

import pytest

from metarr_local.errors import LocalError
from metarr_local.importing import content_type


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "text/csv"),
        ("a.tsv", "text/tab-separated-values"),
        ("a.txt", "text/plain"),
        ("a.JSON", "application/json"),
        ("a.ndjson", "application/x-ndjson"),
        ("a.jsonl", "application/x-ndjson"),
    ],
)
def test_the_name_tells_the_kind(name: str, kind: str) -> None:
    """The suffix decides, in any case."""
    assert content_type(Path(name)) == kind


def test_other_names_are_refused() -> None:
    """With the names that would do."""
    with pytest.raises(LocalError, match=r"films\.xlsx.*\.csv, .*\.ndjson or \.jsonl"):
        content_type(Path("films.xlsx"))
