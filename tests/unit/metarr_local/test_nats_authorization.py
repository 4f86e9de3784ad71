"""The text for a NATS server says what the permissions say, and holds no password."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from metarr_contracts.permissions import USERS, Access, User, UserName
from metarr_local.nats_authorization import authorization, password_environment

SUBJECTS = st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=4).map(tuple)
ACCESS = st.builds(Access, allow=SUBJECTS, deny=SUBJECTS)
A_USER = st.builds(User, name=st.sampled_from([user.name for user in USERS]), publish=ACCESS, subscribe=ACCESS)


@given(st.lists(A_USER, max_size=3))
def test_every_subject_is_quoted_on_a_line_of_its_own(users: list[User]) -> None:
    """Whatever it holds: quotes, braces, line ends, dollar signs. So nothing that is allowed can end a list."""
    lines = [line.strip() for line in authorization(users).split("\n")]
    quoted = [json.loads(line) for line in lines if line.startswith('"')]
    wanted = [
        subject
        for user in users
        for access in (user.publish, user.subscribe)
        for subject in (*access.allow, *access.deny)
    ]
    assert quoted == wanted


def test_passwords_are_variables_of_the_environment() -> None:
    """One for each user, in the order of the users; the text itself has none."""
    variables = re.findall(r"user: (\w+), password: (\S+)", authorization())
    assert variables == [(user.name, f"$METARR_NATS_PASSWORD_{user.name.upper()}") for user in USERS]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1))
def test_a_password_is_quoted_for_the_server(password: str) -> None:
    """It reads the variable as a piece of its configuration, where what begins with a digit would be a number."""
    passwords: dict[UserName, str] = {user.name: password for user in USERS}
    environment = password_environment(passwords)
    assert len(environment) == len(USERS)
    assert {json.loads(value) for value in environment.values()} == {password}
