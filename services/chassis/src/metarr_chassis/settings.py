"""Settings are environment variables `METARR_*`, or files named by `METARR_*_FILE`; read once at start."""

import contextlib
import os
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from metarr_chassis.nats_servers import parse_servers
from metarr_chassis.setting_errors import WrongSettingsError, sentence, wrong_value

PREFIX = "METARR_"
REFUSED_EXIT_CODE = 2
"""A service that ends with this code will not start with these settings, however often it is tried."""

S = TypeVar("S", bound="ServiceSettings")


_environment: ContextVar[Mapping[str, str] | None] = ContextVar("environment", default=None)
"""What `read_settings` reads; None is the environment of this process."""


class _VariableSource(EnvSettingsSource):
    """Reads `METARR_NAME`."""

    def __init__(self, settings: type[BaseSettings]) -> None:
        super().__init__(settings)
        # An empty variable is none: compose files pass them on.
        self.env_vars = {name.lower(): value for name, value in _variables().items() if value}


class _FileSource(EnvSettingsSource):
    """Reads `METARR_NAME_FILE`: the way in which secrets reach containers."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[str | None, str, bool]:
        del field
        path = _variables().get(_file_variable(field_name))
        # A file that cannot be read is named by read_settings, together with all else that is wrong.
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return (Path(path).read_text(encoding="utf-8").strip() if path else None), field_name, False
        return None, field_name, False


def _nats_servers(text: str) -> str:
    parse_servers(text)
    return text


def _usable_ca_file(file: Path) -> Path:
    """The file, which holds certificates; raises ValueError where it does not."""
    try:
        ssl.create_default_context(cafile=file)
    except OSError as error:
        raise ValueError(f"expected a file of certificates (PEM): {error.strerror or error}") from None
    return file


class ServiceSettings(BaseSettings):
    """What every service is told."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    nats_url: Annotated[str, AfterValidator(_nats_servers)] = Field(
        default="nats://127.0.0.1:4222",
        repr=False,
        description="Address of the NATS server, or of several of a cluster, separated by commas; `tls://` for TLS",
    )
    nats_ca_file: Annotated[Path, AfterValidator(_usable_ca_file)] | None = Field(
        default=None,
        description="Certificates (PEM) of whom a NATS server with TLS is trusted; not given: those of the system",
    )
    sandbox_url: str | None = Field(default=None, description="Address of the provider sandbox; set only in a demo")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level shown")
    log_format: Literal["console", "json"] = Field(default="console", description="For a person or for a machine")
    health_host: str = Field(default="127.0.0.1", description="Address of /healthz, /readyz and /metrics")
    health_port: int | None = Field(default=None, ge=0, le=65535, description="Port of /healthz, /readyz and /metrics")

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
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, _VariableSource(settings_cls), _FileSource(settings_cls)


def load_settings(settings: type[S]) -> S:
    """The settings of this process; where some are wrong all are named at once and the process ends."""
    try:
        return read_settings(settings, os.environ)
    except WrongSettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(REFUSED_EXIT_CODE)


def read_settings(settings: type[S], environment: Mapping[str, str]) -> S:
    """The settings of a process with that environment; raises WrongSettingsError, which names all that is wrong."""
    problems = list(_no_text(settings, environment))
    before = _environment.set({name: _as_text(value) for name, value in environment.items()})
    problems += _unreadable_files(settings)
    try:
        loaded = settings()
    except ValidationError as error:
        named = {variable for variable, _ in problems}
        problems += (problem for problem in _wrong_values(settings, error) if problem[0] not in named)
    else:
        if not problems:
            return loaded
    finally:
        _environment.reset(before)
    raise WrongSettingsError((line for _, line in problems), (variable for variable, _ in problems))


def _variables() -> Mapping[str, str]:
    given = _environment.get()
    return os.environ if given is None else given


def _variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def _file_variable(name: str) -> str:
    return f"{_variable(name)}_FILE"


def _as_text(value: str) -> str:
    """What is no UTF-8 stands in an environment as half surrogates, which no text may hold."""
    return value.encode(errors="replace").decode()


def _no_text(settings: type[ServiceSettings], environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Variable and line of each."""
    known = {variable(name) for name in settings.model_fields for variable in (_variable, _file_variable)}
    for name, value in environment.items():
        if name.upper() in known and value != _as_text(value):
            yield name, f"{name}: is no text in UTF-8"


def _unreadable_files(settings: type[ServiceSettings]) -> Iterator[tuple[str, str]]:
    """Variable and line of each."""
    for variable in map(_file_variable, settings.model_fields):
        path = _variables().get(variable)
        try:
            if path:
                Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            yield variable, f"{variable}: {path} cannot be read: {why}"


def _wrong_values(settings: type[ServiceSettings], error: ValidationError) -> Iterator[tuple[str, str]]:
    """Variable and line of each; the settings as a whole have no variable."""
    for problem in error.errors(include_url=False):
        if not problem["loc"]:
            yield "", f"settings: {sentence(problem)}"
            continue
        name = str(problem["loc"][0])
        given = {variable.upper(): value for variable, value in _variables().items()}.get(_variable(name))
        from_file = not given and _variables().get(_file_variable(name))
        variable = _file_variable(name) if from_file else _variable(name)
        yield variable, wrong_value(variable, problem, settings.model_fields[name], given or None)
