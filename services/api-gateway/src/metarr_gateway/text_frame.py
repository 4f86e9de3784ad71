"""A text message as the frame that every WebSocket client of a server gets. Pure."""

import struct
from typing import Final

TEXT: Final = 0x81
"""The one and last frame of a text message."""
SHORT: Final = 125
"""What fits into the byte that otherwise tells how the length is written."""
MEDIUM: Final = 0xFFFF


def text_frame(text: bytes) -> bytes:
    """The frame of RFC 6455, section 5.2: a server masks nothing, and without compression it is alike for all.

    Args:
        text: UTF-8.
    """
    length = len(text)
    if length <= SHORT:
        return struct.pack("!BB", TEXT, length) + text
    if length <= MEDIUM:
        return struct.pack("!BBH", TEXT, 126, length) + text
    return struct.pack("!BBQ", TEXT, 127, length) + text
