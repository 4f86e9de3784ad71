"""All that is wrong with the settings of `metarr run` and its services is told before anything starts."""

from pathlib import Path

import pytest

from metarr_chassis.setting_errors import WrongSettingsError
from metarr_local.settings_check import checked_settings


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
