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
from metarr_contracts.websocket import CLIENT_FRAME, SERVER_FRAME
from metarr_gateway import examples
from metarr_gateway.errors import KINDS
from metarr_gateway.parsing import PICTURE_FILE_PATTERN
from metarr_gateway.routes import ROUTES, Route

Json = dict[str, Any]
Wanted = tuple[Hashable, JsonSchemaMode, TypeAdapter[Any]]
References = Mapping[Any, Json]

TOO_MANY = 429
PATH_SCHEMAS: Mapping[str, Json] = {
    "id": {"type": "integer", "minimum": 1},
    "kind": {"enum": ["poster", "fanart", "clearlogo"]},
    "name": {"enum": list(PROVIDERS)},
    "file": {"type": "string", "pattern": f"^{PICTURE_FILE_PATTERN.pattern}$"},
}
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
ALWAYS = ("internal_error",)


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
        "components": {"schemas": schemas},
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
        "responses": {**dict(_answers(route, references)), **dict(_failures(route, references))},
    }
    body = _body(route, references)
    return {**operation, "requestBody": body} if body else operation


def _path_parameters(route: Route) -> Iterable[Json]:
    for name in PATH_PARAMETER.findall(route.path):
        yield {"name": name, "in": "path", "required": True, "schema": PATH_SCHEMAS[name]}


def _query_parameters(route: Route) -> Iterable[Json]:
    schema = route.parameters.model_json_schema(by_alias=True)
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        described = {"description": field.pop("description")} if "description" in field else {}
        field.pop("title", None)
        yield {"name": name, "in": "query", "required": name in required, **described, "schema": field}


def _answers(route: Route, references: References) -> Iterable[tuple[str, Json]]:
    for status, model in route.answers.items():
        answer: Json = {"description": CAUSES[status]}
        if model is not None:
            answer["content"] = {"application/json": _answer_content(route, status, model, references)}
        elif status not in {101, 304} and route.other:
            answer["content"] = {kind: {} for kind in route.other}
        yield str(status), answer


def _answer_content(route: Route, status: int, model: type[Value], references: References) -> Json:
    content: Json = {"schema": references[_success(model)]}
    if route.name in examples.ANSWERS and status == next(iter(route.answers)):
        content["example"] = {"success": True, "data": examples.ANSWERS[route.name]}
    return content


def _failures(route: Route, references: References) -> Iterable[tuple[str, Json]]:
    if not route.failures:
        return
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in (*route.failures, *ALWAYS):
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
            film = {"type": "object", "description": "title, year, imdbId, tmdbId; other names are ignored"}
            return {"schema": {"type": "array", "items": film}, "example": json.loads(examples.UPLOADS[kind])}
        case _:
            return {"schema": {"type": "string"}, "example": examples.UPLOADS[kind]}
