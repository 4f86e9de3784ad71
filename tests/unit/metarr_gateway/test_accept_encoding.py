"""Which compressed forms a client wants, by RFC 9110 12.5.3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_gateway.accept_encoding import SUFFIXES, codings

QUALITIES = st.sampled_from(["", ";q=0", ";q=0.5", "; q=1", ";q=0.001"])
OFFERS = st.lists(st.tuples(st.sampled_from(["br", "gzip", "zstd", "identity", "*"]), QUALITIES), max_size=5)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", ()),
        ("gzip, deflate, br, zstd", ("br", "gzip")),
        ("gzip", ("gzip",)),
        ("GZIP", ("gzip",)),
        ("br;q=0, gzip", ("gzip",)),
        ("br;q=0.5, gzip;q=0.8", ("gzip", "br")),
        ("br ; Q=0.5 , gzip ; q=0.8", ("gzip", "br")),
        ("*", ("br", "gzip")),
        ("*;q=0.1, br;q=0", ("gzip",)),
        ("*;q=0", ()),
        ("identity", ()),
        ("identity, br", ("br",)),
        ("identity;q=1, br;q=0.5, gzip", ("gzip",)),
        ("identity;q=0, br", ("br",)),
        ("brotli, xbr, x-gzip", ()),
        ("br;q=nan, gzip;q=", ()),
        ("br;level=1", ()),
    ],
)
def test_what_is_wanted(header: str, wanted: tuple[str, ...]) -> None:
    """Weights decide, then the smaller form; zero means never, and what cannot be read is not wanted."""
    assert codings(header) == wanted


@given(OFFERS)
def test_nothing_is_sent_that_was_refused(offers: list[tuple[str, str]]) -> None:
    """A coding that is only named with weight zero is never chosen, and one that nobody named neither."""
    found = codings(", ".join(name + quality for name, quality in offers))
    named = {name for name, _ in offers}
    assert len(set(found)) == len(found)
    for coding in found:
        assert coding in named or "*" in named
        assert coding not in named or any(name == coding and quality != ";q=0" for name, quality in offers)


@given(st.text())
def test_any_header_is_survived(header: str) -> None:
    """Whatever a client says, what is chosen is something that there is."""
    assert set(codings(header)) <= set(SUFFIXES)
