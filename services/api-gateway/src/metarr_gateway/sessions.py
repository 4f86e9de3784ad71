"""Sessions of browsers: a cookie that says when somebody knew the key, signed with that key. Pure.

Nothing is stored, so every gateway with the same key takes it, and none with another: a new key ends all sessions.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from itsdangerous import BadSignature, TimestampSigner

from metarr_gateway.api_key import ApiKey

COOKIE: Final = "metarr_session"
LASTING: Final = timedelta(days=30)
CLOCKS_APART: Final = timedelta(minutes=5)
"""As far as the clocks of two gateways may be apart; what begins later than that was signed by a wrong clock."""
SALT: Final = b"metarr.session"
VERSION: Final = b"1"


def begin(key: ApiKey) -> str:
    """The cookie of a session that begins now, by the clock of this machine."""
    return _signer(key).sign(VERSION).decode()


def is_valid(cookie: str, key: ApiKey, now: datetime) -> bool:
    """Tell whether somebody who knew this key got the cookie in the last 30 days."""
    if not cookie.isascii():
        return False
    try:
        version, begun = _signer(key).unsign(cookie, return_timestamp=True)
    except BadSignature:
        return False
    return version == VERSION and -CLOCKS_APART <= now.astimezone(UTC) - begun <= LASTING


def _signer(key: ApiKey) -> TimestampSigner:
    return TimestampSigner(key.secret, salt=SALT, key_derivation="hmac", digest_method=sha256)
