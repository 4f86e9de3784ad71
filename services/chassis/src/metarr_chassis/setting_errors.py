"""What is wrong with settings: one line for each, with what is expected and what was found."""

import json
from collections.abc import Iterable
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails


class WrongSettingsError(Exception):
    """Settings that a process does not start with; `variables` are the names of those at fault."""

    def __init__(self, lines: Iterable[str], variables: Iterable[str] = ()) -> None:
        self.lines = tuple(dict.fromkeys(lines))
        self.variables = frozenset(variables)
        super().__init__("\n".join(self.lines))


def wrong_value(variable: str, problem: ErrorDetails, field: FieldInfo, given: str | None) -> str:
    """The line for a variable; `given` is its text, None when it came from a file and so may be a secret."""
    if problem["type"] == "missing":
        return f"{variable}: is required"
    # A validator may have named the value itself; whether it is shown is decided here.
    expected = _expected(problem, field).removesuffix(f", found {problem['input']}")
    if given is None or is_secret(field):
        return f"{variable}: {expected}"
    return f"{variable}: {expected}; found {json.dumps(given, ensure_ascii=False)}"


def sentence(problem: ErrorDetails) -> str:
    """What a validator of ours said, without the frame that pydantic puts around it."""
    return str(problem["ctx"]["error"]) if problem["type"] == "value_error" else problem["msg"]


def is_secret(field: FieldInfo) -> bool:
    """Tell whether the value must not be shown."""
    return not field.repr or SecretStr in _kinds(field)


def _expected(problem: ErrorDetails, field: FieldInfo) -> str:
    limits = {name: getattr(entry, name) for entry in field.metadata for name in LIMITS if hasattr(entry, name)}
    (kind, *_) = _kinds(field)
    if problem["type"] == "value_error":
        return sentence(problem)
    if get_origin(kind) is Literal:
        return f"expected one of {', '.join(map(str, get_args(kind)))}"
    if kind in NUMBERS:
        return f"expected {NUMBERS[kind]}{_range(limits)}"
    if get_origin(kind) is dict:
        return "expected a JSON object of strings"
    if limits.get("pattern"):
        return f"expected text that matches `{limits['pattern']}`"
    return problem["msg"]


LIMITS = ("ge", "gt", "le", "pattern")
NUMBERS: dict[Any, str] = {int: "a whole number", float: "a number"}


def _range(limits: dict[str, Any]) -> str:
    match limits:
        case {"ge": least, "le": most}:
            return f" from {least} to {most}"
        case {"ge": least}:
            return f" of at least {least}"
        case {"gt": below}:
            return f" above {below}"
        case _:
            return ""


def _kinds(field: FieldInfo) -> tuple[Any, ...]:
    """The types that the setting may have, without None."""
    annotation = field.annotation
    if NoneType in get_args(annotation):
        return tuple(kind for kind in get_args(annotation) if kind is not NoneType)
    return (annotation,)
