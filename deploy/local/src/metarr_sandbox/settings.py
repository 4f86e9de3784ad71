"""What the control endpoint may set for each provider, with the checks that name the field."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from metarr_sandbox import fanart, omdb, tmdb

ThrottleForm = Literal["retry_after", "bare", "html"]
Milliseconds = Annotated[int, Field(ge=0, le=60_000)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
TmdbId = Annotated[int, Field(ge=1)]


class InvalidSettingError(Exception):
    """A control body that cannot be used; ``field`` is the name as it stands in the body."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
    )


class Fault(_Model):
    """What a provider does instead of answering."""

    kind: Literal[
        "throttle",
        "quota",
        "unauthorized",
        "http",
        "timeout",
        "disconnect",
        "garbage",
        "wrong_shape",
        "wrong_film",
        "huge",
        "redirect",
        "empty",
    ]
    count: int | None = Field(default=None, ge=1)
    """Number of requests it lasts; None until it is taken back."""
    ids: list[str] | None = None
    """Only requests for these external ids (or titles); None means all."""
    status: int = Field(default=503, ge=400, le=599)
    """Of ``http``, with an HTML body."""
    retry_after: int = Field(default=1, ge=0, le=86_400)
    """Seconds, of ``throttle``."""
    form: ThrottleForm = "retry_after"
    """Of ``throttle``."""
    size: int = Field(default=64 << 20, ge=1, le=4 << 30)
    """Bytes, of ``huge``."""
    gzip: bool = False
    """Of ``huge``: send them compressed, a thousandth of their size."""


class ProviderSettings(_Model):
    """What is the same for all three."""

    key: str = Field(min_length=1)
    latency_ms: Milliseconds = 0
    jitter_ms: Milliseconds = 0
    daily_limit: int | None = Field(default=None, ge=0)
    """Answers per UTC day of the test clock."""
    rate_per_second: int | None = Field(default=None, ge=1)
    """Answers within any second of real time."""
    throttle_form: ThrottleForm = "retry_after"
    """How a 429 looks."""
    limit_retry_after: int | None = Field(default=None, ge=0, le=86_400)
    """Seconds in the 429 of an exceeded daily limit; None means until midnight."""
    fault: Fault | None = None


class TmdbSettings(ProviderSettings):
    """TMDB."""

    key: str = Field(default=tmdb.KEY, min_length=1)
    changed: dict[Day, list[TmdbId]] = {}
    """Films that its lists of changes name for a day, beside those that they name anyway."""


class OmdbSettings(ProviderSettings):
    """OMDb, whose exceeded daily limit is a 401 (as in the real service) or a 200."""

    key: str = Field(default=omdb.KEY, min_length=1)
    limit_form: Literal["status401", "status200"] = "status401"


class FanartSettings(ProviderSettings):
    """fanart.tv, which says "unknown film" by 404 or by an empty body."""

    key: str = Field(default=fanart.KEY, min_length=1)
    unknown_form: Literal["mixed", "status404", "empty"] = "mixed"


def changed(settings: ProviderSettings, patch: object) -> ProviderSettings:
    """The settings with a control body's fields; raises ``InvalidSettingError``."""
    if not isinstance(patch, dict):
        raise InvalidSettingError("", "the body must be a JSON object")
    try:
        return type(settings).model_validate(settings.model_dump(by_alias=True) | patch)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidSettingError(".".join(map(str, first["loc"])), first["msg"]) from error


def shown(settings: ProviderSettings) -> dict[str, Any]:
    """The settings as the control endpoint shows them."""
    return settings.model_dump(by_alias=True)
