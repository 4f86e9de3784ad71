"""What the commands are told."""

from pathlib import Path

import pytest

from metarr_chassis.settings import load_settings
from metarr_local.settings import ClientSettings, RunSettings, SetupSettings


def test_all_wrong_settings_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody mends one only to hear of the next."""
    monkeypatch.setenv("METARR_NATS_PORT", "none")
    monkeypatch.setenv("METARR_SANDBOX_PORT", "70000")
    with pytest.raises(SystemExit) as ended:
        load_settings(RunSettings)
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert "METARR_NATS_PORT" in told
    assert "METARR_SANDBOX_PORT" in told


def test_a_key_in_a_file_ends_the_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keys may come as files, and count as keys."""
    (tmp_path / "key").write_text("secret\n")
    monkeypatch.setenv("METARR_TMDB_KEY_FILE", str(tmp_path / "key"))
    settings = RunSettings()
    assert settings.tmdb_key == "secret"
    assert not settings.demo


def test_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No log line that holds the settings gives a key away."""
    monkeypatch.setenv("METARR_OMDB_KEY", "secret")
    assert "secret" not in repr(RunSettings())


def test_clients_find_the_embedded_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its port, unless an address is given."""
    monkeypatch.delenv("METARR_NATS_URL", raising=False)
    monkeypatch.setenv("METARR_NATS_PORT", "4333")
    assert ClientSettings().bus_url == "nats://127.0.0.1:4333"
    monkeypatch.setenv("METARR_NATS_URL", "nats://bus:4222")
    assert ClientSettings().bus_url == "nats://bus:4222"


def test_setup_needs_a_database(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """There is no default for a database that somebody else runs."""
    monkeypatch.delenv("METARR_DATABASE_URL", raising=False)
    with pytest.raises(SystemExit):
        load_settings(SetupSettings)
    assert "METARR_DATABASE_URL" in capsys.readouterr().err
