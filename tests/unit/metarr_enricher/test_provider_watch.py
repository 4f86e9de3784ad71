"""A provider is in exactly one state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metarr_enricher.provider_state import ProviderState
from metarr_enricher.provider_watch import word

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"on": True}, "on"),
        ({"on": False}, "off"),
        ({"on": True, "paused_until": LATER, "pause_reason": "quota"}, "paused"),
        ({"on": True, "paused_until": LATER, "pause_reason": "failures"}, "paused"),
        ({"on": True, "paused_until": EARLIER, "pause_reason": "quota"}, "on"),
        ({"on": True, "refused_until": LATER}, "key_refused"),
        ({"on": True, "refused_until": EARLIER}, "on"),
        ({"on": True, "refused_until": LATER, "paused_until": LATER, "pause_reason": "quota"}, "key_refused"),
    ],
)
def test_the_state_by_what_is_known(state: dict[str, Any], expected: str) -> None:
    """A pause that is over is over when its time has come, before an answer has proven it."""
    assert word(ProviderState(**state), NOW) == expected
