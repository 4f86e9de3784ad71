"""The prefix of each line."""

import pytest

from metarr_local.prefix import NAMES, colour_wanted, prefixed


def test_prefixes_are_aligned() -> None:
    """All lines begin in the same column."""
    assert {prefixed(name, "x", colour=False).index("| x") for name in NAMES} == {10}


def test_colour_ends_before_the_line() -> None:
    """The line itself is shown as it came."""
    assert prefixed("nats", "hello", colour=True).endswith("\x1b[0m hello")
    assert "\x1b" not in prefixed("nats", "hello", colour=False)


@pytest.mark.parametrize(
    ("environment", "is_terminal", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colour_is_for_terminals(environment: dict[str, str], *, is_terminal: bool, wanted: bool) -> None:
    """Never in files and pipes, never against NO_COLOR."""
    assert colour_wanted(environment, is_terminal=is_terminal) is wanted
