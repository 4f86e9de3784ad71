"""Pages of what happened."""

import pytest

from metarr_contracts.readmodels import ActivityQuery
from metarr_projector.history import page, write_cursor
from metarr_projector.listing import InvalidQueryError


def test_page_after_a_cursor() -> None:
    """A cursor given out is the place after which the next page begins; one activity more tells whether more follow."""
    assert page(ActivityQuery(limit=5)).arguments == [6]
    assert page(ActivityQuery(limit=5, cursor=write_cursor(42))).arguments == [42, 6]


@pytest.mark.parametrize("cursor", ["%", "e30=", "eyJiZWZvcmUiOiAiMSJ9", "eyJiZWZvcmUiOiAwfQ=="])
def test_cursor_that_was_not_given_out(cursor: str) -> None:
    """Whatever else is sent as a cursor is refused by its name."""
    with pytest.raises(InvalidQueryError) as refused:
        page(ActivityQuery(cursor=cursor))
    assert refused.value.field == "cursor"
