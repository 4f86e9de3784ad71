"""Messages of the AsyncAPI document: what each is called, its headers and its body."""

from collections.abc import Iterable, Mapping
from typing import Any

from metarr_contracts.base import Value
from metarr_contracts.channels import DEAD_LETTER, JOB_TO_CANCEL, Body, Raw
from metarr_contracts.envelope import MESSAGE_ID
from metarr_contracts.json_schema import shared_schemas
from metarr_contracts.library import Refused
from metarr_contracts.registry import TYPES

Json = dict[str, Any]

SCHEMAS = "#/components/schemas/"
TEXT: Json = {"type": "string"}

CLOUD_EVENT: Json = {
    "type": "object",
    "description": "Headers: a CloudEvent in binary mode, and W3C Trace Context",
    "properties": {
        MESSAGE_ID: {**TEXT, "description": "Same as ce-id; the server stores a repeated one once"},
        "ce-specversion": {**TEXT, "const": "1.0"},
        "ce-id": TEXT,
        "ce-type": TEXT,
        "ce-source": {**TEXT, "examples": ["/metarr/enricher"]},
        "ce-time": {**TEXT, "format": "date-time"},
        "ce-subject": TEXT,
        "ce-correlationid": TEXT,
        "ce-causationid": TEXT,
        "traceparent": TEXT,
        "tracestate": TEXT,
        "content-type": {**TEXT, "const": "application/json"},
    },
    "required": [MESSAGE_ID, "ce-specversion", "ce-id", "ce-type", "ce-source", "ce-time", "content-type"],
}

DEAD_LETTER_HEADERS: Json = {
    "type": "object",
    "description": "The headers that the message had, and these",
    "properties": {
        "metarr-reason": {**TEXT, "description": "Why nobody could do it"},
        "metarr-origin": {**TEXT, "description": "The subject that it came on"},
    },
}

REFUSAL_HEADERS: Json = {
    "type": "object",
    "properties": {
        "Nats-Service-Error": {**TEXT, "description": "A sentence for a person"},
        "Nats-Service-Error-Code": {**TEXT, "description": "The HTTP status", "examples": ["404"]},
    },
    "required": ["Nats-Service-Error", "Nats-Service-Error-Code"],
}

OWN_SCHEMAS: Json = {
    "CloudEvent": CLOUD_EVENT,
    "DeadLetterHeaders": DEAD_LETTER_HEADERS,
    "RefusalHeaders": REFUSAL_HEADERS,
}
TYPE_OF: Mapping[type[Value], str] = {model: name for name, (model, _) in TYPES.items()}


def name_of(body: Body) -> str:
    """The versioned type of what is stored; the model's name for the rest."""
    if isinstance(body, Raw):
        return body.name
    return TYPE_OF.get(body) or body.__name__.replace("[", ".").replace("]", "")


def components(bodies: Iterable[Body]) -> tuple[Json, Json]:
    """The messages by name, and the schemas that they refer to."""
    bodies = tuple(bodies)
    references, schemas = shared_schemas((body for body in bodies if not isinstance(body, Raw)), SCHEMAS)
    return {name_of(body): _message(body, references) for body in bodies}, {**schemas, **OWN_SCHEMAS}


def _message(body: Body, references: Mapping[type[Value], Json]) -> Json:
    message: Json = {"name": name_of(body), "contentType": "application/json"}
    if isinstance(body, Raw):
        message |= {"contentType": body.content_type, "summary": body.description, "payload": _raw_payload(body)}
    else:
        message |= {"summary": _summary(body), "payload": references[body]}
    headers = _headers(body)
    return {**message, "headers": headers} if headers else message


def _raw_payload(body: Raw) -> Json:
    return {**TEXT, "pattern": r"^[1-9]\d*$"} if body is JOB_TO_CANCEL else {}


def _summary(body: type[Value]) -> str:
    return (body.__doc__ or body.__name__).strip().splitlines()[0]


def _headers(body: Body) -> Json | None:
    if body is DEAD_LETTER:
        return {"$ref": f"{SCHEMAS}DeadLetterHeaders"}
    if isinstance(body, Raw):
        return None
    if body in TYPE_OF:
        own = {"type": "object", "properties": {"ce-type": {"const": TYPE_OF[body]}}}
        return {"allOf": [{"$ref": f"{SCHEMAS}CloudEvent"}, own]}
    return {"$ref": f"{SCHEMAS}RefusalHeaders"} if body is Refused else None
