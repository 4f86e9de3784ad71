"""What is shipped may be: every licence is known, and permissive or with a reason."""

import re
from pathlib import Path

import pytest

from metarr_local import export_licences
from metarr_local.export_licences import Shipped

ROOT = Path(__file__).parents[2]
SHIPPED = [*export_licences.python_packages(ROOT), *export_licences.ui_packages(ROOT)]


def test_the_page_is_up_to_date() -> None:
    """What is committed is what `make export` writes."""
    assert (ROOT / export_licences.PAGE).read_text(encoding="utf-8") == export_licences.page(ROOT), "run `make export`"


def test_every_package_is_there() -> None:
    """Those of the lock, and those that people see the web UI with."""
    lock = (ROOT / export_licences.PYTHON_LOCK).read_text(encoding="utf-8")
    names = {one.name for one in SHIPPED}

    assert set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)) | {"react", "react-dom", "vite"} <= names


def test_every_licence_may_be_shipped() -> None:
    """A package states its licence; one that is not simply permissive needs a written reason."""
    wrong = [one for one in SHIPPED for licence in one.needs_reason if not one.reason(licence)]

    assert wrong == []


def test_reasons_are_of_what_is_shipped() -> None:
    """None is left behind by a package that has gone."""
    needed = {(export_licences.BUILD.sub("", one.name), licence) for one in SHIPPED for licence in one.needs_reason}

    assert set(export_licences.REASONS) == needed
    assert set(export_licences.CARRIED) <= {one.name for one in SHIPPED}


@pytest.mark.parametrize(
    ("licence", "needed"),
    [
        ("MIT", ()),
        ("Apache-2.0 AND MIT", ()),
        ("MIT OR GPL-3.0-only", ()),
        ("(MIT AND GPL-3.0-only)", ("GPL-3.0-only",)),
        ("GPL-2.0-only OR MPL-2.0", ("GPL-2.0-only",)),
        ("", ("",)),
        ("do what you like", ("do what you like",)),
    ],
)
def test_what_needs_a_reason(licence: str, needed: tuple[str, ...]) -> None:
    """Of alternatives one is enough, of parts each counts, and what nobody knows is not allowed."""
    assert Shipped("package", "1", licence).needs_reason == needed
