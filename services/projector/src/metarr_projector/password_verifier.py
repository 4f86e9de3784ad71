"""Pure: what a server keeps of a password (SCRAM-SHA-256, RFC 5803), so that the password itself is never sent to it.

A statement that sets a password stands in the server's log when statements are logged, or when it fails.
"""

import base64
import hashlib
import hmac
import stringprep
import unicodedata
from typing import Final

ITERATIONS: Final = 4096
"""As PostgreSQL does it by itself."""
SALT_BYTES: Final = 16
PROHIBITED: Final = (
    stringprep.in_table_a1,  # not assigned
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def verifier(password: str, salt: bytes) -> str:
    """What PostgreSQL stores of this password with this salt: letters, digits and `+/=$:-`."""
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode(), salt, ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_base64(salt)}${_base64(stored_key)}:{_base64(server_key)}"


def prepared(password: str) -> str:
    """The password as clients take it (SASLprep, RFC 4013); one that has no such form they take as it is."""
    if password.isascii():
        return password
    mapped = "".join(" " if stringprep.in_table_c12(c) else c for c in password if not stringprep.in_table_b1(c))
    normal = unicodedata.normalize("NFKC", mapped)
    if not normal or any(prohibited(c) for c in normal for prohibited in PROHIBITED):
        return password
    if any(map(stringprep.in_table_d1, normal)):
        ends_well = stringprep.in_table_d1(normal[0]) and stringprep.in_table_d1(normal[-1])
        if not ends_well or any(map(stringprep.in_table_d2, normal)):
            return password
    return normal


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
