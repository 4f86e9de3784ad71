"""Strict validation: a field that its kind does not have is an error, for the operators' kinds, too."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from tests.kubernetes.manifests import ROOT, Resource

KUBERNETES = "1.32"
CRDS = ROOT / ".tools" / "crds"
FREE = "x-kubernetes-preserve-unknown-fields"


def schema_errors(resource: Resource) -> Iterator[str]:
    """What is wrong with a resource by the schema of its kind.

    Raises:
        kubernetes_validate.SchemaNotFoundError: nobody knows the kind.
    """
    schema = operators_schemas().get((resource["apiVersion"], resource["kind"]))
    if schema is not None:
        for error in Draft202012Validator(schema).iter_errors(resource):
            yield f"{'.'.join(map(str, error.path))}: {error.message}"
        return
    try:
        kubernetes_validate.validate(resource, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{'.'.join(map(str, error.path))}: {error.message}"


@cache
def operators_schemas() -> dict[tuple[str, str], dict[str, Any]]:
    """The schema of each kind that an operator brings, by version and kind; none where they were not fetched."""
    found = {}
    for file in sorted(CRDS.glob("*.yaml")):
        definition = yaml.safe_load(file.read_text(encoding="utf-8"))["spec"]
        for version in definition["versions"]:
            key = f"{definition['group']}/{version['name']}", definition["names"]["kind"]
            found[key] = _whole(version["schema"]["openAPIV3Schema"])
    return found


def _whole(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a kind, where `metadata` is said to be an object and no more."""
    closed: dict[str, Any] = _closed(schema)
    return closed | {"properties": closed["properties"] | {"metadata": {"type": "object"}}}


def _closed(schema: Any) -> Any:
    """The schema with no other fields than those that it names; the API server would drop them without a word."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(value) for name, value in schema.items()}
    names_fields = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    if names_fields and "additionalProperties" not in schema and not schema.get(FREE):
        closed["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        closed.pop("type", None)
    return closed
