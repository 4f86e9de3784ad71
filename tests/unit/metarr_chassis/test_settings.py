"""Settings come from the environment or from files; what is wrong is all named at once."""

import json
from pathlib import Path
from typing import Annotated, Self

import pytest
from pydantic import AfterValidator, Field, SecretStr, model_validator

from metarr_chassis.setting_errors import WrongSettingsError
from metarr_chassis.settings import ServiceSettings, load_settings, read_settings


def _token(value: SecretStr | str) -> SecretStr | str:
    if "my-secret" in (value, getattr(value, "get_secret_value", str)()):
        raise ValueError("expected a token")
    return value


def _blue(value: str) -> str:
    if value != "blue":
        raise ValueError("expected blue")
    return value


def _zone(value: str) -> str:
    if value != "UTC":
        raise ValueError(f"expected a zone, found {value}")
    return value


class Settings(ServiceSettings):
    """A service with secrets, and settings of all kinds."""

    key: SecretStr | None = None
    size: int = Field(default=1, ge=1)
    rate: float = Field(default=2, gt=0)
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    hosts: dict[str, str] | None = None
    colour: Annotated[str, AfterValidator(_blue)] = "blue"
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    token: Annotated[SecretStr, AfterValidator(_token)] = SecretStr("")
    password: Annotated[str, AfterValidator(_token)] = Field(default="", repr=False)

    @model_validator(mode="after")
    def _different(self) -> Self:
        if self.size == self.rate:
            raise ValueError("METARR_SIZE and METARR_RATE are the same")
        return self


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
    assert 'METARR_SIZE: expected a whole number of at least 1; found "none"' in said
    assert 'METARR_LOG_LEVEL: expected one of debug, info, warning, error; found "loud"' in said
    assert f"METARR_KEY_FILE: {tmp_path / 'gone'} cannot be read" in said
    assert f"METARR_NATS_URL_FILE: {tmp_path} cannot be read" in said
    assert len(said.splitlines()) == 4


def _lines(**variables: str) -> tuple[str, ...]:
    """What is wrong with that environment."""
    with pytest.raises(WrongSettingsError) as wrong:
        read_settings(Settings, {f"METARR_{name.upper()}": value for name, value in variables.items()})
    return wrong.value.lines


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("health_port", "70000", "expected a whole number from 0 to 65535"),
        ("rate", "0", "expected a number above 0"),
        ("language", "english", "expected text that matches `^[a-z]{2}$`"),
        ("hosts", "{a", "expected a JSON object of strings"),
        ("hosts", '{"a": 1, "b": 2}', "expected a JSON object of strings"),
        ("colour", "red", "expected blue"),
    ],
)
def test_what_is_expected_and_what_was_found(name: str, value: str, expected: str) -> None:
    """In words of ours, one line for a setting."""
    assert _lines(**{name: value}) == (f"METARR_{name.upper()}: {expected}; found {json.dumps(value)}",)


def test_a_value_is_named_once() -> None:
    """Where the check itself has named it too."""
    assert _lines(zone="Mars") == ('METARR_ZONE: expected a zone; found "Mars"',)


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    """Neither a secret that is wrong nor what came from a file, where secrets are kept."""
    (tmp_path / "size").write_text("my-secret", encoding="utf-8")
    assert _lines(token="my-secret", size_file=str(tmp_path / "size"), password="my-secret") == (
        "METARR_SIZE_FILE: expected a whole number of at least 1",
        "METARR_TOKEN: expected a token",
        "METARR_PASSWORD: expected a token",
    )


def test_settings_that_do_not_go_together() -> None:
    """They are said without the wording of a library."""
    assert _lines(size="7", rate="7") == ("settings: METARR_SIZE and METARR_RATE are the same",)


def test_a_required_setting_is_named() -> None:
    """There is no value to show."""

    class Required(ServiceSettings):
        database_url: str

    with pytest.raises(WrongSettingsError, match=r"^METARR_DATABASE_URL: is required$"):
        read_settings(Required, {})


def test_the_environment_of_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of our own gets in."""
    monkeypatch.setenv("METARR_SIZE", "none")
    assert read_settings(Settings, {"METARR_NATS_URL": "nats://there"}).nats_url == "nats://there"


def test_a_variable_that_is_no_text() -> None:
    """It is named, once, together with all else that is wrong."""
    latin = b"Vit\xf3ria".decode("utf-8", "surrogateescape")
    with pytest.raises(WrongSettingsError) as raised:
        read_settings(ServiceSettings, {"METARR_LOG_LEVEL": latin, "METARR_HEALTH_PORT": "x", "OTHER": latin})
    assert raised.value.variables == {"METARR_LOG_LEVEL", "METARR_HEALTH_PORT"}
    assert "METARR_LOG_LEVEL: is no text in UTF-8" in raised.value.lines
    assert len(raised.value.lines) == 2
