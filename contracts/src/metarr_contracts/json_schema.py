"""JSON Schema (2020-12) of every message type on the bus, as a reader sees it: what may be absent is not required."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from metarr_contracts.base import Value
from metarr_contracts.registry import TYPES

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(message_type: str) -> Schema:
    """The schema of a message type's body, complete in itself."""
    model, _ = TYPES[message_type]
    return {"$schema": DIALECT, "$id": f"urn:metarr:type:{message_type}", **model.model_json_schema(by_alias=True)}


def shared_schemas(models: Iterable[type[Value]], place: str) -> tuple[Mapping[type[Value], Schema], Schema]:
    """Models that share their parts in one document.

    Args:
        models: What is described.
        place: The JSON pointer of the folder that the parts will lie in, for example `#/components/schemas/`.

    Returns:
        For each model the reference to it; and the parts by name.
    """
    models = tuple(models)
    wanted: list[tuple[type[Value], JsonSchemaMode]] = [(model, "validation") for model in models]
    references, parts = models_json_schema(wanted, by_alias=True, ref_template=f"{place}{{model}}")
    return {model: references[model, "validation"] for model in models}, parts["$defs"]
