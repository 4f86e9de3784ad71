"""Matching of subjects with wildcards."""

import pytest

from metarr_contracts.channels import Channel, covers


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        ("metarr.evt.>", "metarr.evt.movie.1"),
        ("metarr.evt.>", "metarr.evt.movie"),
        ("metarr.evt.>", "metarr.evt.claim.>"),
        ("metarr.evt.movie.*", "metarr.evt.movie.1"),
        ("metarr.evt.movie.*", "metarr.evt.movie.*"),
        ("metarr.evt.*.*", "metarr.evt.schedule.bulk"),
        ("metarr.ops.rebuild", "metarr.ops.rebuild"),
    ],
)
def test_subjects_that_are_covered(pattern: str, subject: str) -> None:
    """`*` stands for one token, `>` for one or more at the end."""
    assert covers(pattern, subject)


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        ("metarr.evt.>", "metarr.evt"),
        ("metarr.evt.>", "metarr.ans.tmdb.1"),
        ("metarr.evt.movie.*", "metarr.evt.movie.1.enriched"),
        ("metarr.evt.movie.*", "metarr.evt.movie.>"),
        ("metarr.evt.*.*", "metarr.evt.movie.>"),
        ("metarr.evt.movie.1", "metarr.evt.movie.*"),
        ("metarr.evt.*.*", "metarr.evt.claim.imdb.tt0133093"),
    ],
)
def test_subjects_that_are_not_covered(pattern: str, subject: str) -> None:
    """A pattern covers another only if it covers all that the other stands for."""
    assert not covers(pattern, subject)


@pytest.mark.parametrize(
    ("address", "pattern"),
    [
        ("metarr.evt.claim.{kind}.{id}", "metarr.evt.claim.*.*"),
        ("metarr.dead.{origin}", "metarr.dead.>"),
        ("metarr.live.cancel", "metarr.live.cancel"),
    ],
)
def test_parameters_are_wildcards(address: str, pattern: str) -> None:
    """A parameter is one token; the origin of a dead letter is all the rest."""
    assert Channel("name", address, "", {}, ()).pattern == pattern
