"""What the commands are told."""

from pathlib import Path

import pytest

from metarr_chassis.settings import load_settings
from metarr_local.nats_users import bus_url
from metarr_local.secret_files import read_secret
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


def test_clients_find_the_embedded_bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By its port and as the user whose password is a secret of the data folder, unless an address is given."""
    monkeypatch.delenv("METARR_NATS_URL", raising=False)
    monkeypatch.setenv("METARR_NATS_PORT", "4333")
    monkeypatch.setenv("METARR_DATA_DIR", str(tmp_path))
    password = read_secret(tmp_path, "nats-operator")
    assert bus_url(ClientSettings(), "operator") == f"nats://operator:{password}@127.0.0.1:4333"
    monkeypatch.setenv("METARR_NATS_URL", "nats://bus:4222")
    assert bus_url(ClientSettings(), "operator") == "nats://bus:4222"


def test_setup_needs_a_database(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """There is no default for a database that somebody else runs."""
    monkeypatch.delenv("METARR_DATABASE_URL", raising=False)
    with pytest.raises(SystemExit):
        load_settings(SetupSettings)
    assert "METARR_DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize(("given", "copies"), [(None, None), ("1", 1), ("3", 3), ("5", 5)])
def test_copies_are_an_odd_number_of_servers(
    monkeypatch: pytest.MonkeyPatch, given: str | None, copies: int | None
) -> None:
    """A majority of them decides; not given, they stay as they are."""
    monkeypatch.setenv("METARR_DATABASE_URL", "postgresql://there")
    monkeypatch.setenv("METARR_REPLICAS", given or "")
    assert load_settings(SetupSettings).replicas == copies


@pytest.mark.parametrize("given", ["0", "2", "7", "three", "1.0"])
def test_another_number_of_copies_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    """With those that there can be."""
    monkeypatch.setenv("METARR_DATABASE_URL", "postgresql://there")
    monkeypatch.setenv("METARR_REPLICAS", given)
    with pytest.raises(SystemExit):
        load_settings(SetupSettings)
    assert f'METARR_REPLICAS: expected one of 1, 3, 5; found "{given}"' in capsys.readouterr().err
