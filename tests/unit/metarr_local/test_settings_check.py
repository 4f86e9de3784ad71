"""All that is wrong with the settings of `metarr run` and its services is told before anything starts."""

from pathlib import Path

import pytest

from metarr_chassis.setting_errors import WrongSettingsError
from metarr_local.settings_check import NO_OWNER, checked_settings
from metarr_local.web_key import asked_for, made
from metarr_projector.database_address import EXPECTED, NAMES_NO_USER


def _lines(**variables: str) -> tuple[str, ...]:
    """What is wrong with that environment."""
    with pytest.raises(WrongSettingsError) as wrong:
        checked_settings({f"METARR_{name.upper()}": value for name, value in variables.items()}, {})
    return wrong.value.lines


def test_what_is_right_is_used() -> None:
    """Arguments win over the environment, and a demo needs no key."""
    settings = checked_settings({"METARR_HTTP_PORT": "8080", "METARR_NATS_PORT": "4333"}, {"http_port": 8081})
    assert (settings.http_port, settings.nats_port, settings.demo) == (8081, 4333, True)


def test_each_error_of_all_services_is_named_once() -> None:
    """Those of `metarr run` itself too, and a setting of all services in one line."""
    lines = _lines(
        nats_port="0", log_level="loud", upload_limit_mb="many", omdb_rate="0", schedule_grace="-1", http_port="x"
    )
    assert sorted(lines) == [
        'METARR_HTTP_PORT: expected a whole number from 1 to 65535; found "x"',
        'METARR_LOG_LEVEL: expected one of debug, info, warning, error; found "loud"',
        'METARR_NATS_PORT: expected a whole number from 1 to 65535; found "0"',
        'METARR_OMDB_RATE: expected a number above 0; found "0"',
        'METARR_SCHEDULE_GRACE: expected a whole number of at least 0; found "-1"',
        'METARR_UPLOAD_LIMIT_MB: expected a whole number of at least 1; found "many"',
    ]


def test_settings_come_from_files_too(tmp_path: Path) -> None:
    """A key in a file ends the demo, as it does for the services; what a file holds is not shown."""
    (tmp_path / "key").write_text("secret\n")
    assert not checked_settings({"METARR_TMDB_KEY_FILE": str(tmp_path / "key")}, {}).demo
    (line,) = _lines(time_zone_file=str(tmp_path / "key"), health_port="")
    assert line == "METARR_TIME_ZONE_FILE: expected an IANA time zone such as Europe/Berlin"
    (line,) = _lines(tmdb_key_file=str(tmp_path / "gone"))
    assert line == f"METARR_TMDB_KEY_FILE: {tmp_path / 'gone'} cannot be read: No such file or directory"


def test_each_service_is_checked_with_what_it_will_get() -> None:
    """A key and a sandbox of one's own do not go together, which only the enricher knows."""
    (line,) = _lines(tmdb_key="secret", sandbox_url="http://127.0.0.1:1")
    assert line.startswith("settings: METARR_TMDB_KEY is set, but this is a demo")
    assert "secret" not in line


def test_a_web_ui_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    """Only that of the checkout may be missing; a folder that the person names holds the page."""
    (line,) = _lines(ui_dir=str(tmp_path))
    assert line.startswith("METARR_UI_DIR: ")
    (tmp_path / "index.html").touch()
    assert checked_settings({"METARR_UI_DIR": str(tmp_path)}, {}).ui_dir == tmp_path


def test_where_others_reach_it_a_key_is_made_at_the_start(tmp_path: Path) -> None:
    """That it is not there yet is nothing wrong; nothing is made by looking."""
    given = {"METARR_HTTP_HOST": "0.0.0.0", "METARR_DATA_DIR": str(tmp_path / "data")}  # noqa: S104 - nothing is bound
    settings = checked_settings(given, {})
    assert asked_for(settings) == tmp_path / "data" / "secrets" / "api-key"
    assert not (tmp_path / "data").exists()
    assert made(settings) == tmp_path / "data" / "secrets" / "api-key"
    assert asked_for(checked_settings(given | {"METARR_HTTP_HOST": "127.0.0.1"}, {})) == made(settings)


def test_on_a_loopback_address_a_key_is_asked_for_where_there_is_one(tmp_path: Path) -> None:
    """Nobody else reaches it, so none has to be made."""
    settings = checked_settings({"METARR_DATA_DIR": str(tmp_path)}, {})
    assert (asked_for(settings), made(settings)) == (None, None)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file or directory"),
        ("short", "expected a key of 20 to 200 printable ASCII characters without spaces"),
    ],
)
def test_a_key_that_is_named_has_to_be_one(tmp_path: Path, content: str | None, why: str) -> None:
    """Told before anything starts, and without what is in the file."""
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content)
    (line,) = _lines(api_key_file=str(file), http_host="0.0.0.0")  # noqa: S104 - nothing is bound
    assert line == f'METARR_API_KEY_FILE: {why}; found "{file}"'


def test_a_writer_and_a_reader_belong_to_an_owner() -> None:
    """Roles are made in the database of METARR_DATABASE_URL; without it they would be left out in silence."""
    there = "postgresql://me:secret@db/metarr"
    (line,) = _lines(database_reader_url=there)
    assert line == NO_OWNER
    settings = checked_settings({"METARR_DATABASE_URL": there, "METARR_DATABASE_WRITER_URL": there}, {})
    assert (settings.database_writer_url, settings.database_reader_url) == (there, None)


def test_each_wrong_address_of_the_database_is_named_once() -> None:
    """By its own name, and without what is in it."""
    wrong = "postgresql://me:se/cret@db/metarr"
    lines = _lines(database_url=wrong, database_writer_url=wrong, database_reader_url="postgresql://db/metarr")
    assert sorted(lines) == [
        f"METARR_DATABASE_READER_URL: {NAMES_NO_USER}",
        f"METARR_DATABASE_URL: {EXPECTED}",
        f"METARR_DATABASE_WRITER_URL: {EXPECTED}",
    ]
