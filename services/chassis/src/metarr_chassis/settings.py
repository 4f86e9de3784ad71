"""Settings are environment variables `METARR_*`, or files named by `METARR_*_FILE`; read once at start."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "METARR_"
REFUSED_EXIT_CODE = 2
"""A service that ends with this code will not start with these settings, however often it is tried."""

S = TypeVar("S", bound="ServiceSettings")


def _file_of(field_name: str) -> str | None:
    return os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")


class _FileSource(EnvSettingsSource):
    """Reads `METARR_NAME_FILE`: the way in which secrets reach containers."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[str | None, str, bool]:
        del field
        path = _file_of(field_name)
        # A file that cannot be read is named by load_settings, together with all else that is wrong.
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return (Path(path).read_text(encoding="utf-8").strip() if path else None), field_name, False
        return None, field_name, False


class ServiceSettings(BaseSettings):
    """What every service is told."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    nats_url: str = Field(default="nats://127.0.0.1:4222", description="Address of the NATS server")
    sandbox_url: str | None = Field(default=None, description="Address of the provider sandbox; set only in a demo")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level shown")
    log_format: Literal["console", "json"] = Field(default="console", description="For a person or for a machine")
    health_host: str = Field(default="127.0.0.1", description="Address of /healthz and /readyz")
    health_port: int | None = Field(default=None, ge=0, le=65535, description="Port of /healthz and /readyz")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over variables, variables over files."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _FileSource(settings_cls)


def load_settings(settings: type[S]) -> S:
    """The settings of this process; where some are wrong all are named at once and the process ends."""
    problems = list(_unreadable_files(settings))
    try:
        loaded = settings()
    except ValidationError as error:
        problems += _wrong_values(error)
    else:
        if not problems:
            return loaded
    sys.stderr.write("".join(f"{problem}\n" for problem in problems))
    sys.exit(REFUSED_EXIT_CODE)


def _unreadable_files(settings: type[ServiceSettings]) -> Iterator[str]:
    for name in settings.model_fields:
        path = _file_of(name)
        try:
            if path:
                Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            yield f"{PREFIX}{name.upper()}_FILE: {path} cannot be read: {why}"


def _wrong_values(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False):
        name = f"{PREFIX}{'_'.join(str(part) for part in problem['loc']).upper()}" if problem["loc"] else "settings"
        yield f"{name}: {problem['msg']}"
