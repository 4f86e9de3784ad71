"""What a message belongs to, as far as its sender says it well."""

import pytest

from metarr_chassis.correlation import LONGEST, told

USABLE = "a" * LONGEST


@pytest.mark.parametrize(
    ("headers", "id_"),
    [
        (None, None),
        ({}, None),
        ({"ce-id": "b"}, "b"),
        ({"ce-id": "b", "ce-correlationid": USABLE}, USABLE),
        ({"ce-id": "b", "ce-correlationid": USABLE + "a"}, None),
        ({"ce-correlationid": "a\0"}, None),
    ],
)
def test_an_id_that_can_be_sent_on(headers: dict[str, str] | None, id_: str | None) -> None:
    """The message's own where it names none; one that is too long, or holds what nobody can read, is none."""
    assert told(headers) == id_
