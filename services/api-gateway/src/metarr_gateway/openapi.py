"""Builds the OpenAPI 3.1 document from the table of routes and the models. Pure."""

import json
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from metarr_contracts.base import Value
from metarr_contracts.fields import PROVIDERS
from metarr_contracts.http import Failure, Success
from metarr_contracts.readmodels import MAX_MOVIE_ID, MAX_SEQ
from metarr_contracts.websocket import CLIENT_FRAME, SERVER_FRAME
from metarr_gateway import examples, sessions
from metarr_gateway.admission import ASKED_BY_MACHINES, may_do_harm
from metarr_gateway.errors import KINDS
from metarr_gateway.links import links
from metarr_gateway.parsing import PICTURE_FILE_PATTERN
from metarr_gateway.routes import ROUTES, Route

Json = dict[str, Any]
Wanted = tuple[Hashable, JsonSchemaMode, TypeAdapter[Any]]
References = Mapping[Any, Json]

TOO_MANY = 429
PATH_SCHEMAS: Mapping[str, Json] = {
    "id": {"type": "integer", "minimum": 1, "maximum": MAX_MOVIE_ID},
    "kind": {"enum": ["poster", "fanart", "clearlogo"]},
    "name": {"enum": list(PROVIDERS)},
    "file": {"type": "string", "pattern": f"^{PICTURE_FILE_PATTERN.pattern}$"},
}
JOBS = "/api/jobs/"
JOB_ID: Json = {"type": "integer", "minimum": 1, "maximum": MAX_SEQ}
PATH_PARAMETER = re.compile(r"\{(\w+)\}")
REFERENCE = "#/components/schemas/{model}"
CAUSES = {
    101: "Switching to the WebSocket protocol",
    200: "Done",
    201: "Added",
    202: "Accepted; the job goes on",
    304: "The picture that you have is the present one",
    503: "Not ready",
}
SECURITY_SCHEMES: Json = {
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Api-Key",
        "description": "The key of the server. Where it has none only its own machine reaches it, and nobody is asked.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": sessions.COOKIE,
        "description": "For browsers: what `POST /api/session` gives for the key.",
    },
}
ALWAYS = ("internal_error",)
FOLLOWED = frozenset({200, 201, 202})


def document() -> Json:
    """The whole API, with every error and examples."""
    schemas, references = _schemas()
    paths: Json = defaultdict(dict)
    for route in ROUTES:
        paths[route.path][route.method.lower()] = _operation(route, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Metarr",
            "version": "1",
            "description": "Metadata of a film library: how complete it is, what is missing, and how to refresh it.",
        },
        "paths": dict(paths),
        "components": {"schemas": schemas, "securitySchemes": SECURITY_SCHEMES},
        "security": [{name: []} for name in SECURITY_SCHEMES],
    }


def _schemas() -> tuple[Json, References]:
    answers = {_success(model) for route in ROUTES for model in route.answers.values() if model is not None}
    bodies = {route.body for route in ROUTES if route.body is not None}
    wanted: list[Wanted] = [(Failure, "serialization", TypeAdapter(Failure))]
    wanted.extend((model, "serialization", TypeAdapter(model)) for model in sorted(answers, key=str))
    wanted.extend((model, "validation", TypeAdapter(model)) for model in sorted(bodies, key=str))
    # The document has no place for what goes through a socket; programs that read it want its shapes all the same.
    wanted.append(("ServerFrame", "serialization", SERVER_FRAME))
    wanted.append(("ClientFrame", "validation", CLIENT_FRAME))
    found, definitions = TypeAdapter.json_schemas(wanted, by_alias=True, ref_template=REFERENCE)
    references = {key: schema for (key, _), schema in found.items()}
    frames = {name: references[name] for name in ("ServerFrame", "ClientFrame")}
    return dict(sorted({**definitions["$defs"], **frames}.items())), references


def _success(model: type[Value]) -> type[BaseModel]:
    return Success[model]  # type: ignore[valid-type]


def _operation(route: Route, references: References) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary,
        **({"description": route.description} if route.description else {}),
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        **({"security": []} if route.open else {}),
        "responses": {**dict(_answers(route, references)), **dict(_failures(route, references))},
    }
    body = _body(route, references)
    return {**operation, "requestBody": body} if body else operation


def _path_parameters(route: Route) -> Iterable[Json]:
    for name in PATH_PARAMETER.findall(route.path):
        schema = JOB_ID if route.path.startswith(JOBS) else PATH_SCHEMAS[name]
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(route: Route) -> Iterable[Json]:
    schema = route.parameters.model_json_schema(by_alias=True)
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        described = {"description": field.pop("description")} if "description" in field else {}
        field.pop("title", None)
        yield {"name": name, "in": "query", "required": name in required, **described, "schema": _sendable(field)}


def _sendable(field: Json) -> Json:
    """A query string has no null: what is not given is left out."""
    choices = [choice for choice in field.pop("anyOf", ()) if choice != {"type": "null"}]
    if "default" in field and field["default"] is None:
        del field["default"]
    return {**field, **(choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else {})}


def _answers(route: Route, references: References) -> Iterable[tuple[str, Json]]:
    for status, model in route.answers.items():
        answer: Json = {"description": CAUSES[status]}
        if model is not None:
            answer["content"] = {"application/json": _answer_content(route, status, model, references)}
        elif status not in {101, 304} and route.other:
            answer["content"] = {kind: {} for kind in route.other}
        if status in FOLLOWED and (followed := links(route.name)):
            answer["links"] = followed
        yield str(status), answer


def _answer_content(route: Route, status: int, model: type[Value], references: References) -> Json:
    content: Json = {"schema": references[_success(model)]}
    if route.name in examples.ANSWERS and status == next(iter(route.answers)):
        content["example"] = {"success": True, "data": examples.ANSWERS[route.name]}
    return content


def _failures(route: Route, references: References) -> Iterable[tuple[str, Json]]:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in (*_not_admitted(route), *_over_limits(route), *route.failures, *(ALWAYS if route.failures else ())):
        by_status[KINDS[code].status].append(code)
    for status, codes in sorted(by_status.items()):
        shown = {code: {"value": {"success": False, "error": KINDS[code].error, "code": code}} for code in codes}
        content = {"application/json": {"schema": references[Failure], "examples": shown}}
        answer: Json = {
            "description": "; ".join(dict.fromkeys(KINDS[code].error for code in codes)),
            "content": content,
        }
        if status == TOO_MANY:
            answer["headers"] = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
        yield str(status), answer


def _not_admitted(route: Route) -> Iterable[str]:
    if not route.open:
        yield from ("not_signed_in", "wrong_api_key")
    if route.path not in ASKED_BY_MACHINES:
        yield "host_not_allowed"
    if may_do_harm(route.method, route.path):
        yield "origin_not_allowed"


def _over_limits(route: Route) -> Iterable[str]:
    if route.path not in ASKED_BY_MACHINES:
        yield from ("too_many_requests", "headers_too_large")
    if route.body is not None or route.uploads:
        yield "request_timeout"


def _body(route: Route, references: References) -> Json | None:
    if route.uploads:
        return {"required": True, "content": {kind: _upload(kind) for kind in route.uploads}}
    if route.body is None:
        return None
    content = {"schema": references[route.body], "example": examples.BODIES[route.name]}
    return {"required": route.body_required, "content": {"application/json": content}}


def _upload(kind: str) -> Json:
    match kind:
        case "multipart/form-data":
            file = {"type": "string", "format": "binary"}
            return {"schema": {"type": "object", "properties": {"file": file}, "required": ["file"]}}
        case "application/json":
            told = "title, year, imdbId, tmdbId; other names are ignored. What is no object is a rejected row"
            films = {"type": "array", "minItems": 1, "items": {"description": told}}
            return {"schema": films, "example": json.loads(examples.UPLOADS[kind])}
        case _:
            # A schema speaks of JSON values, and this is none.
            return {"schema": {}, "example": examples.UPLOADS[kind]}
