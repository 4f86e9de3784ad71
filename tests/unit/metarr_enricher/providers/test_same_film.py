"""An answer about another film is none: its values would be shown as this film's."""

import pytest

from metarr_contracts.movie import ExternalIds
from metarr_enricher.providers.exchange import Response
from metarr_enricher.providers.outcomes import Found, NotFound, Unexpected
from metarr_enricher.providers.same_film import about

RESPONSE = Response(200, {}, b"")
MATRIX = ExternalIds(imdb="tt0133093", tmdb=603)


@pytest.mark.parametrize("asked", [ExternalIds(imdb="tt0133093"), ExternalIds(tmdb=603)])
@pytest.mark.parametrize("told", [MATRIX, ExternalIds(), ExternalIds(imdb="tt0133093"), ExternalIds(tmdb=603)])
def test_who_names_the_same_id_or_none_is_believed(asked: ExternalIds, told: ExternalIds) -> None:
    """A provider need not repeat the id."""
    assert about(asked, lambda _: Found(ids=told))(RESPONSE) == Found(ids=told)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (ExternalIds(imdb="tt0133093"), ExternalIds(imdb="tt0111161", tmdb=603)),
        (ExternalIds(tmdb=603), ExternalIds(imdb="tt0133093", tmdb=278)),
    ],
)
def test_another_film_is_not_believed(asked: ExternalIds, told: ExternalIds) -> None:
    """What counts is the id that was asked with: the other one may be wrong here or there."""
    assert isinstance(about(asked, lambda _: Found(ids=told))(RESPONSE), Unexpected)


def test_other_outcomes_stay() -> None:
    """Only what was found has values."""
    assert about(MATRIX, lambda _: NotFound())(RESPONSE) == NotFound()
