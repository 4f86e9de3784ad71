"""How a text message is framed for WebSocket clients."""

import pytest
from tests.unit.metarr_gateway.sent import text_in

from metarr_gateway.text_frame import text_frame


@pytest.mark.parametrize(
    ("length", "head"),
    [
        (0, "81 00"),
        (5, "81 05"),
        (125, "81 7d"),
        (126, "81 7e 00 7e"),
        (256, "81 7e 01 00"),
        (65_535, "81 7e ff ff"),
        (65_536, "81 7f 00 00 00 00 00 01 00 00"),
    ],
)
def test_the_head_tells_the_length(length: int, head: str) -> None:
    """As the examples of RFC 6455, section 5.7, with 81 for text where they have 82: final, not masked."""
    text = b"x" * length
    assert text_frame(text) == bytes.fromhex(head) + text
    assert text_in(text_frame(text)) == text
