"""An address of a database that is none is refused without being shown."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_chassis.setting_errors import WrongSettingsError
from metarr_chassis.settings import read_settings
from metarr_local.settings import SetupSettings
from metarr_projector.database_address import (
    EXPECTED,
    NAMES_NO_USER,
    Login,
    login,
    require_address,
    require_login,
    tls_files,
)
from metarr_projector.roles import quoted
from metarr_projector.settings import ProjectorSettings


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://metarr:secret@db/metarr",
        "postgres://metarr:p%40ss@127.0.0.1:5432/metarr?sslmode=require",
        "postgresql://embedded",
        "postgresql://a:1,b:2/metarr",
        "postgresql://u:p@[::1]:5432/metarr",
        "postgresql://u:p@[::1]/metarr",
        "postgresql:///metarr?host=/run/postgresql",
    ],
)
def test_addresses(address: str) -> None:
    """They stay as they are."""
    assert require_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "secret",
        "db:5432/metarr",
        "https://u:secret@db/metarr",
        "postgresql://u:se/cret@db/metarr",
        "postgresql://u:12/secret@db/metarr",
        "postgresql://u:12?secret@db/metarr#x",
        "postgresql://u:se#cret@db/metarr",
        "postgresql://u:se?cret@db/metarr",
        "postgresql://u:se[cret@db/metarr",
        "postgresql://u:secret",
        "postgresql://db:99999/metarr",
        "postgresql://db:0/metarr",
        "postgresql://[::1]secret:1/metarr",
    ],
)
def test_what_is_no_address(address: str) -> None:
    """It is told what is expected, and nothing of what was given."""
    with pytest.raises(ValueError, match="expected an address") as refused:
        require_address(address)
    assert "secret" not in str(refused.value)
    assert refused.value.__context__ is None or refused.value.__suppress_context__


@pytest.mark.parametrize("settings", [ProjectorSettings, SetupSettings])
def test_who_is_given_such_an_address_does_not_start(settings: type[ProjectorSettings | SetupSettings]) -> None:
    """It is named with all else that is wrong, before anything is tried with it."""
    given = {"METARR_DATABASE_URL": "postgresql://u:se/cret@db/metarr", "METARR_HEALTH_PORT": "-1"}
    with pytest.raises(WrongSettingsError) as refused:
        read_settings(settings, given)
    assert f"METARR_DATABASE_URL: {EXPECTED}" in refused.value.lines
    assert len(refused.value.lines) == 2


@given(st.text())
def test_whatever_is_given(text: str) -> None:
    """It is an address, or refused with the one sentence."""
    address, said = f"postgresql://{text}", EXPECTED
    try:
        assert require_address(address) == address
    except ValueError as error:
        said = str(error)
    assert said == EXPECTED


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("postgresql://writer:secret@db/metarr", Login("writer", "secret")),
        ("postgresql://writer@db/metarr", Login("writer", None)),
        ("postgresql://w%40r%2Fi:%25%40%3A@a:1,b:2/metarr?sslmode=require", Login("w@r/i", "%@:")),
        ("postgresql://db/metarr?user=writer&password=a%20b", Login("writer", "a b")),
        ("postgresql://first:one@db/metarr?user=second&password=two", Login("first", "one")),
        ("postgresql:///metarr?host=/run/postgresql&user=writer", Login("writer", None)),
    ],
)
def test_who_logs_in(address: str, found: Login) -> None:
    """User and password are read as the driver reads them, and shown by nobody."""
    assert login(address) == found
    assert require_login(address) == address
    assert "secret" not in repr(login(address))


@pytest.mark.parametrize(
    "address",
    ["postgresql://db/metarr", "postgresql://:secret@db/metarr", f"postgresql://{'ä' * 32}:secret@db/metarr"],
)
def test_a_role_has_a_name(address: str) -> None:
    """One that the server can keep as a whole; the sentence shows nothing of the address."""
    with pytest.raises(ValueError, match="expected the name of a user") as refused:
        login(address)
    assert str(refused.value) == NAMES_NO_USER


@given(st.text(min_size=1, max_size=15).filter(lambda text: "\0" not in text), st.text(max_size=20))
def test_whoever_logs_in(user: str, password: str) -> None:
    """What is percent-encoded comes out as it was."""
    address = f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@db/metarr"
    assert login(address) == Login(user, password or None)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("metarr_writer", '"metarr_writer"'), ('a"b', '"a""b"'), ('"; DROP --', '"""; DROP --"'), ("Ä b'", '"Ä b\'"')],
)
def test_names_stand_in_quotes(name: str, shown: str) -> None:
    """Nothing in a name ends it."""
    assert quoted(name) == shown


@given(st.text(min_size=1))
def test_whatever_a_name_holds(name: str) -> None:
    """Quotes inside come in twos, so the one at the end is the only one that ends it."""
    inner = quoted(name)[1:-1]
    assert inner.replace('""', '"') == name
    assert '"' not in inner.replace('""', "")


def test_files_for_tls() -> None:
    """They are told by name; what kind of TLS there is not is refused."""
    address = "postgresql://u:secret@db/metarr?sslmode=verify-full&sslrootcert=%2Fcerts%2Fca.pem&sslkey=/key"
    assert tls_files(address) == {"sslrootcert": "/certs/ca.pem", "sslkey": "/key"}
    assert tls_files("postgresql://u:secret@db/metarr") == {}
    with pytest.raises(ValueError, match="as sslmode") as refused:
        tls_files("postgresql://u:secret@db/metarr?sslmode=full")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_READER_URL"])
def test_a_certificate_that_cannot_be_read(name: str, tmp_path: Path) -> None:
    """It is named at the start, with its file and without the password."""
    there = "postgresql://u:secret@db/metarr"
    given = {"METARR_DATABASE_URL": there, f"METARR_{name}": f"{there}?sslmode=verify-full&sslrootcert={tmp_path}/no"}
    for settings in (ProjectorSettings, SetupSettings):
        with pytest.raises(WrongSettingsError) as refused:
            read_settings(settings, given)
        sentence = f"sslrootcert in the address: {tmp_path}/no cannot be read: No such file or directory"
        assert refused.value.lines == (f"METARR_{name}: {sentence}",)


@pytest.mark.parametrize("settings", [ProjectorSettings, SetupSettings])
def test_no_password_is_shown(settings: type[ProjectorSettings | SetupSettings]) -> None:
    """Neither in a line about what is wrong, nor by whoever prints the settings."""
    wrong = {f"METARR_DATABASE_{part}URL": "postgresql://u:se/cret@db" for part in ("", "WRITER_", "READER_")}
    with pytest.raises(WrongSettingsError) as refused:
        read_settings(settings, wrong)
    assert len(refused.value.lines) >= 2
    assert "cret" not in str(refused.value)
    right = {name: value.replace("se/cret", "secret") for name, value in wrong.items()}
    assert "secret" not in repr(read_settings(settings, right))
