"""Whatever a model can hold comes back from the wire as it was."""

import re
import types
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, MinLen
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.dataclasses import is_pydantic_dataclass
from pydantic.fields import FieldInfo

from metarr_contracts import registry
from metarr_contracts.asyncapi import CLIENT_FRAMES, SERVER_FRAMES
from metarr_contracts.base import Json, Value
from metarr_contracts.bulk import RunCounts
from metarr_contracts.channels import QUERIES, VERBS
from metarr_contracts.envelope import Envelope, read_envelope
from metarr_contracts.http import Failure, SignIn
from metarr_contracts.library import ImportRow, Refused
from metarr_gateway.routes import ROUTES

EXCHANGED: list[type[Value]] = [
    model for exchanges in (VERBS, QUERIES) for pair in exchanges.values() for model in pair
]
OVER_HTTP: list[type[Value]] = [model for route in ROUTES for model in (route.body, *route.answers.values()) if model]
SPOKEN: set[type[Value]] = {*EXCHANGED, *OVER_HTTP, *CLIENT_FRAMES, *SERVER_FRAMES, Failure, Refused, ImportRow}
SECRET: set[type[Value]] = {SignIn}

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-8))])
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001 - limits have no zone
DECIMALS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | DECIMALS | st.text()
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
PLAIN = {float: DECIMALS, bool: st.booleans(), type(None): st.none(), datetime: MOMENTS, date: st.dates()}
FILMS = st.integers(0, 100_000)
HEADER_TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


def values(model: type[Value]) -> st.SearchStrategy[Any]:
    """Values of a model, from its fields alone, apart from the one whose fields have to add up."""
    if model is RunCounts:
        return st.builds(run_counts, FILMS, FILMS, FILMS, FILMS)
    return st.fixed_dictionaries(of_fields(model.model_fields)).map(model.model_validate)


def of_fields(fields: Mapping[str, FieldInfo]) -> dict[str, st.SearchStrategy[Any]]:
    """Values of each, by the name on the wire."""
    return {field.alias or name: of_field(field) for name, field in fields.items()}


def run_counts(processed: int, skipped: int, failed: int, remaining: int) -> RunCounts:
    """Counts whose total is what they add up to."""
    total = processed + skipped + failed + remaining
    return RunCounts(total=total, processed=processed, skipped=skipped, failed=failed, remaining=remaining)


def of_field(field: FieldInfo) -> st.SearchStrategy[Any]:
    """Values that the field allows."""
    return of_type(field.annotation, field.metadata)


def of_type(kind: Any, limits: Iterable[Any] = ()) -> st.SearchStrategy[Any]:
    """Values of an annotation within its limits."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return of_type(inner[0], [plain for limit in inner[1:] for plain in getattr(limit, "metadata", [limit])])
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in {Union, types.UnionType}:
        return st.one_of(*(of_type(choice, limits) for choice in inner))
    if origin in {tuple, dict}:
        return many(kind, limits)
    return of_class(kind, limits)


def many(kind: Any, limits: Iterable[Any]) -> st.SearchStrategy[Any]:
    """Short tuples and dictionaries."""
    *_, inner = (part for part in get_args(kind) if part is not ...)
    if get_origin(kind) is dict:
        return st.dictionaries(st.text(), of_type(inner), max_size=3)
    shortest = max((limit.min_length for limit in limits if isinstance(limit, MinLen)), default=0)
    return st.lists(of_type(inner), min_size=shortest, max_size=shortest + 2).map(tuple)


def of_class(kind: Any, limits: Iterable[Any]) -> st.SearchStrategy[Any]:
    """Values of a model, or of a plain class within its limits."""
    if kind is Json:
        return ANY_JSON
    if issubclass(kind, Value):
        return values(kind)
    if is_pydantic_dataclass(kind):
        return st.fixed_dictionaries(of_fields(kind.__pydantic_fields__))
    if kind is int:
        return whole_numbers(limits)
    return texts(limits) if kind is str else PLAIN[kind]


def whole_numbers(limits: Iterable[Any]) -> st.SearchStrategy[int]:
    """Drawn inside of the limits, since a filter would find few."""
    lowest, highest = -(2**53), 2**53
    for limit in limits:
        match limit:
            case Ge(ge=int(bound)):
                lowest = bound
            case Gt(gt=int(bound)):
                lowest = bound + 1
            case Le(le=int(bound)):
                highest = bound
    return st.integers(lowest, highest)


def texts(limits: Iterable[Any]) -> st.SearchStrategy[str]:
    """Texts of the allowed pattern or length."""
    shortest, longest, stripped = 0, 40, False
    for limit in limits:
        if pattern := getattr(limit, "pattern", None):
            return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
        shortest = max(shortest, getattr(limit, "min_length", None) or 0)
        stripped = stripped or bool(getattr(limit, "strip_whitespace", None))
    texts = st.text(min_size=shortest, max_size=longest)
    # Stripped first, since the limits hold for what is left.
    return texts.map(str.strip).filter(lambda text: len(text) >= shortest) if stripped else texts


@pytest.mark.parametrize("message_type", sorted(registry.TYPES))
@settings(max_examples=25)
@given(data=st.data())
def test_stored_messages_come_back(message_type: str, data: st.DataObject) -> None:
    """decode(encode(x)) == x for every message type."""
    body = data.draw(values(registry.TYPES[message_type][0]))
    envelope = Envelope(id="1", type=registry.type_of(body), source="/metarr/enricher", time=data.draw(MOMENTS))

    assert registry.decode(read_envelope(envelope.headers()), body.to_json()) == body


@pytest.mark.parametrize("model", sorted(SPOKEN - SECRET, key=str))
@settings(max_examples=25)
@given(data=st.data())
def test_spoken_messages_come_back(model: type[Value], data: st.DataObject) -> None:
    """decode(encode(x)) == x for every request, reply, HTTP body and frame."""
    body = data.draw(values(model))

    assert model.model_validate_json(body.to_json()) == body


@given(
    st.builds(
        Envelope,
        id=HEADER_TEXT,
        type=st.sampled_from(sorted(registry.TYPES)),
        source=HEADER_TEXT,
        time=MOMENTS,
        subject=st.none() | HEADER_TEXT,
        correlation_id=st.none() | HEADER_TEXT,
        causation_id=st.none() | HEADER_TEXT,
        traceparent=st.none() | HEADER_TEXT,
    )
)
def test_envelopes_come_back(envelope: Envelope) -> None:
    """What is said in headers is read again, and the server's message id is the event's."""
    headers = envelope.headers()

    assert read_envelope(headers) == envelope
    assert headers["Nats-Msg-Id"] == headers["ce-id"] == envelope.id


@given(st.from_regex(r"[!-~]{20,200}", fullmatch=True))
def test_a_key_is_taken_and_never_told(key: str) -> None:
    """Who signs in sends it; it is in nothing that we write of what was sent."""
    sent = SignIn.model_validate({"apiKey": key})
    assert sent.api_key.get_secret_value() == key
    assert all(key not in told for told in (sent.to_json().decode(), str(sent), repr(sent)))
