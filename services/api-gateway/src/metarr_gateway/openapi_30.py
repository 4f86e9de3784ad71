"""Says the document in OpenAPI 3.0, the newest form that the bundled Swagger UI can draw. Pure."""

from typing import Any


def translate(document: dict[str, Any]) -> dict[str, Any]:
    """The same API in OpenAPI 3.0.3."""
    translated: dict[str, Any] = {**document, "openapi": "3.0.3"}
    translated["paths"] = _walk(document["paths"])
    translated["components"] = _walk(document["components"])
    return translated


def _walk(node: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(node, list):
        return [_walk(item) for item in node]
    if not isinstance(node, dict):
        return node
    walked = {key: value if key in {"example", "value"} else _walk(value) for key, value in node.items()}
    walked.pop("propertyNames", None)  # unknown there
    return _nullable(_exclusive(_example(_constant(walked))))


def _constant(schema: dict[str, Any]) -> dict[str, Any]:
    if "const" not in schema:
        return schema
    return {**{key: value for key, value in schema.items() if key != "const"}, "enum": [schema["const"]]}


def _example(schema: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(schema.get("examples"), list):
        return schema
    rest = {key: value for key, value in schema.items() if key != "examples"}
    return {**rest, "example": schema["examples"][0]}


def _exclusive(schema: dict[str, Any]) -> dict[str, Any]:
    bound = schema.get("exclusiveMinimum")
    if isinstance(bound, bool) or not isinstance(bound, int | float):
        return schema
    return {**schema, "minimum": bound, "exclusiveMinimum": True}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    choices = schema.get("anyOf")
    if not isinstance(choices, list) or {"type": "null"} not in choices:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    left = [choice for choice in choices if choice != {"type": "null"}]
    if len(left) == 1 and "$ref" not in left[0]:
        return {**left[0], **rest, "nullable": True}
    return {**rest, "anyOf": left, "nullable": True}
