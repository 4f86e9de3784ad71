"""What may be searched for."""

import pytest
from pydantic import ValidationError

from metarr_contracts.library import SearchMovies


def test_blanks_around_a_title_do_not_count() -> None:
    """Neither for the search nor for its length."""
    assert SearchMovies(title="  Heat \n").title == "Heat"
    assert SearchMovies(title=f" {'x' * 200} ", year=None).title == "x" * 200


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": " \t"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "Heat", "year": 1869}, "year"),
        ({"title": "Heat", "year": 2201}, "year"),
        ({"title": "Heat", "page": 2}, "page"),
    ],
)
def test_what_is_wrong_is_named(wanted: dict[str, object], field: str) -> None:
    """Nothing is searched for with a part of what was said."""
    with pytest.raises(ValidationError) as refused:
        SearchMovies.model_validate(wanted)
    assert [problem["loc"] for problem in refused.value.errors()] == [(field,)]
