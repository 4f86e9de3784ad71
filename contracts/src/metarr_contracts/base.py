"""The two kinds of models: what we accept is strict, what we read back is tolerant."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_camel

__all__ = ["Json", "Request", "Utc", "Value"]

Json = JsonValue


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone, for example 2025-11-22T03:00:00Z")
    return moment.astimezone(UTC)


Utc = Annotated[datetime, AfterValidator(_utc)]
"""A moment; written as RFC 3339 in UTC."""


class Value(BaseModel):
    """An immutable value on the bus. Unknown fields are ignored: a newer writer does not break an older reader."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")

    def to_json(self) -> bytes:
        """The value as UTF-8 JSON with the names used on the wire."""
        return self.model_dump_json(by_alias=True).encode()


class Request(Value):
    """Something a person or a program asks for. Unknown fields are refused: a typing error is not lost in silence."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid")
