"""Settings come from the environment or from files; what is wrong is all named at once."""

from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from metarr_chassis.settings import ServiceSettings, load_settings


class Settings(ServiceSettings):
    """A service with a secret and a number."""

    key: SecretStr | None = None
    size: int = Field(default=1, ge=1)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting comes from the environment of the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"METARR_{name.upper()}", raising=False)


def test_a_variable_sets_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named `METARR_` and the setting."""
    monkeypatch.setenv("METARR_NATS_URL", "nats://elsewhere:4222")
    assert load_settings(Settings).nats_url == "nats://elsewhere:4222"


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files pass empty ones on."""
    monkeypatch.setenv("METARR_SIZE", "")
    assert load_settings(Settings).size == 1


def test_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the line's end that editors add; the variable itself wins."""
    (tmp_path / "key").write_text("from-file\n", encoding="utf-8")
    monkeypatch.setenv("METARR_KEY_FILE", str(tmp_path / "key"))
    assert load_settings(Settings).key == SecretStr("from-file")
    monkeypatch.setenv("METARR_KEY", "from-variable")
    assert load_settings(Settings).key == SecretStr("from-variable")


def test_all_that_is_wrong_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Values and files alike; the process ends with code 2, by which it is not started again."""
    monkeypatch.setenv("METARR_SIZE", "none")
    monkeypatch.setenv("METARR_LOG_LEVEL", "loud")
    monkeypatch.setenv("METARR_KEY_FILE", str(tmp_path / "gone"))
    monkeypatch.setenv("METARR_NATS_URL_FILE", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        load_settings(Settings)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "METARR_SIZE: Input should be a valid integer" in said
    assert "METARR_LOG_LEVEL: Input should be 'debug'" in said
    assert f"METARR_KEY_FILE: {tmp_path / 'gone'} cannot be read" in said
    assert f"METARR_NATS_URL_FILE: {tmp_path} cannot be read" in said
    assert len(said.splitlines()) == 4


def test_what_is_said_holds_no_value(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It could be a secret in the wrong place."""
    monkeypatch.setenv("METARR_SIZE", "my-secret")
    with pytest.raises(SystemExit):
        load_settings(Settings)
    assert "my-secret" not in capsys.readouterr().err
