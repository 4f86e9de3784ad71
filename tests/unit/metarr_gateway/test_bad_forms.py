"""What a form says wrongly of its parts stays in the request."""

import warnings
from collections.abc import Iterator

import pytest
from aiohttp import multipart

from metarr_gateway.__main__ import ignore_bad_forms


@pytest.fixture
def registry() -> Iterator[dict[object, object]]:
    """Where Python keeps the warnings of aiohttp's reader that it has shown; as in a process, and empty."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        ignore_bad_forms()
        kept = vars(multipart).setdefault("__warningregistry__", {})
        kept.clear()
        yield kept


@pytest.mark.parametrize("header", ["form-data; =", "form data", 'form-data; name*="x"', "form-data; name*=utf-8'x"])
def test_nothing_is_kept_of_it(registry: dict[object, object], capfd: pytest.CaptureFixture[str], header: str) -> None:
    """Neither in the log nor in the memory, however many come."""
    for number in range(50):
        multipart.parse_content_disposition(f"{header}{number}")
    assert not [text for text in registry if text != "version"]
    assert capfd.readouterr() == ("", "")
