"""Numbers of bytes for a person."""

import pytest

from metarr_local.sizes import in_words


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0.0 MB"), (64_000_000, "64.0 MB"), (9_999_900_000, "9999.9 MB"), (10**10, "10.0 GB")]
)
def test_sizes_are_told_in_words(size: int, words: str) -> None:
    """Gigabytes from ten on, which is as exact as anybody needs it."""
    assert in_words(size) == words
