"""What every answer tells a browser beside its content, whoever made it. Pure."""

from collections.abc import Mapping
from typing import Final

from multidict import CIMultiDict, istr

ALWAYS: Mapping[str, str] = {
    # What a page may do, it says itself; all else is nothing to be drawn.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # A library is its owner's: no proxy on the way and no browser of a shared machine keeps it.
    "Cache-Control": "no-store",
}
SECURE_ONLY = "max-age=31536000"
"""A year. Of other names of the domain we know nothing."""
# Names that have been made comparable once, and not for each answer.
_ALWAYS: Final = tuple((istr(name), value) for name, value in ALWAYS.items())


def complete(headers: CIMultiDict[str], *, by_https: bool) -> None:
    """Add the headers that an answer still lacks; what it says itself stands."""
    for name, value in _ALWAYS:
        headers.setdefault(name, value)
    if by_https:
        headers.setdefault("Strict-Transport-Security", SECURE_ONLY)
