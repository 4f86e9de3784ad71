"""What is sent to the server in a password's place is what the server itself would have made of it."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_projector.password_verifier import prepared, verifier

SALT = base64.b64decode("I8i0oDHGJ4lHJk0eLdaOcQ==")
STORED_BY_THE_SERVER = (
    "SCRAM-SHA-256$4096:I8i0oDHGJ4lHJk0eLdaOcQ==$b5Qrwn23geqcHsX5HdcsPtI9/utqW/ZM4kiooSGidpg="
    ":bja2CHs293/HLlMRC1yNs3x/k0HQzIQ3Njkmu8qZzSA="
)
SAFE = {*string.ascii_letters, *string.digits, *"+/=$:-"}


def test_an_example_of_the_server() -> None:
    """What PostgreSQL 18 has stored of this password with this salt."""
    assert verifier("pencil", SALT) == STORED_BY_THE_SERVER


@given(st.text(), st.binary(min_size=16, max_size=16))
def test_it_needs_no_quotes_and_shows_nothing(password: str, salt: bytes) -> None:
    """Whatever the password, the statement around it stays one."""
    made = verifier(f"secret{password}", salt)
    assert set(made) <= SAFE
    assert "secret" not in made


@pytest.mark.parametrize(
    ("password", "taken"),
    [
        ("plain", "plain"),
        ("\u2163", "IV"),
        ("a\u00a0b\u00e4", "a b\u00e4"),
        ("I\u00adX\u00e4", "IX\u00e4"),
        ("\u00ad", "\u00ad"),
        ("\u0007\u00e4", "\u0007\u00e4"),
        ("\u06271", "\u06271"),
        ("\u0627a\u0628", "\u0627a\u0628"),
        ("\u0627\u0628", "\u0627\u0628"),
        ("\u0221", "\u0221"),
    ],
)
def test_passwords_are_taken_as_clients_take_them(password: str, taken: str) -> None:
    """Mapped and normalised; as it is where that is not allowed."""
    assert prepared(password) == taken
