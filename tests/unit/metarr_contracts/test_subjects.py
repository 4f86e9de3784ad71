"""Subjects without the ids in them."""

import pytest

from metarr_contracts.subjects import template


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("metarr.cmd.enrich.7", "metarr.cmd.enrich"),
        ("metarr.cmd.bulk.run", "metarr.cmd.bulk.run"),
        ("metarr.evt.movie.7", "metarr.evt.movie"),
        ("metarr.evt.bulk", "metarr.evt.bulk"),
        ("metarr.evt.claim.title.the.matrix", "metarr.evt.claim.title"),
        ("metarr.ans.tmdb.7", "metarr.ans.tmdb"),
        ("metarr.live.movie.7", "metarr.live.movie"),
        ("metarr.query.movie.get", "metarr.query.movie.get"),
        ("metarr.lib.add", "metarr.lib.add"),
        ("$SRV.PING.enricher.a1b2", "$SRV.PING"),
        ("", ""),
    ],
)
def test_a_template_has_no_id(subject: str, expected: str) -> None:
    """There are few templates, however large the library is."""
    assert template(subject) == expected
