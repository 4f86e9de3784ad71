"""The committed descriptions of our interfaces are those that the code makes, and they are sound."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from metarr_contracts import asyncapi
from metarr_contracts.asyncapi_messages import CLOUD_EVENT
from metarr_contracts.envelope import Envelope
from metarr_contracts.fields import FIELDS, TRACKED
from metarr_contracts.json_schema import schema_of
from metarr_contracts.registry import TYPES
from metarr_contracts.streams import STREAMS
from metarr_local import export

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "contracts" / "samples"
DOCUMENT = asyncapi.document()
EXPORTED = export.documents()


def references(node: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def resolve(reference: str, document: Any) -> Any:
    """What a reference within the document points to.

    Raises:
        KeyError: nothing is there.
    """
    found = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


@pytest.mark.parametrize("path", sorted(EXPORTED))
def test_exports_are_up_to_date(path: str) -> None:
    """What is committed is what `make export` writes."""
    assert (ROOT / path).read_text(encoding="utf-8") == EXPORTED[path], "run `make export`"


def test_nothing_else_is_exported() -> None:
    """A type that is no more leaves no schema behind."""
    committed = {str(path.relative_to(ROOT)) for path in (ROOT / export.FOLDER).rglob("*") if path.is_file()}

    assert committed == {f"{export.FOLDER}/README.md", *EXPORTED} - {export.FIELDS, export.NATS_USERS}


def test_writing_replaces_what_was_there(tmp_path: Path) -> None:
    """The export leaves exactly the documents, whatever lay in the folder of schemas."""
    schemas = tmp_path / export.SCHEMAS
    schemas.mkdir(parents=True)
    (schemas / "metarr.old.v1.json").write_text("{}", encoding="utf-8")

    export.write(tmp_path)

    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")} == set(EXPORTED)


@pytest.mark.parametrize("message_type", sorted(TYPES))
def test_schemas_are_valid_and_describe_the_samples(message_type: str) -> None:
    """A schema is JSON Schema 2020-12, complete in itself, and the sample of its type fits it."""
    schema = schema_of(message_type)
    Draft202012Validator.check_schema(schema)
    sample = json.loads((SAMPLES / f"{message_type}.json").read_bytes())

    assert list(Draft202012Validator(schema).iter_errors(sample)) == []
    assert all(resolve(reference, schema) is not None for reference in references(schema))


def test_the_web_ui_knows_fields_providers_and_bands() -> None:
    """It gets each field once, what counts as tracked, the setting of each key, and the bounds of the bands."""
    document = json.loads(EXPORTED[export.FIELDS])
    by_name = {field["name"]: field for field in document["fields"]}

    assert len(document["fields"]) == len(FIELDS)
    assert sum(field["tracked"] for field in document["fields"]) == len(TRACKED)
    assert by_name["poster"] == {
        "name": "poster",
        "displayName": "Poster",
        "category": "media",
        "providers": ["fanart", "tmdb", "omdb"],
        "tracked": True,
    }
    assert not by_name["title"]["tracked"]
    assert {"name": "omdb", "title": "OMDB", "keySetting": "METARR_OMDB_KEY"} in document["providers"]
    assert document["bands"] == {"enrichedFrom": 90, "partialFrom": 60}


def test_schemas_tell_commands_from_events() -> None:
    """Unknown fields are refused in commands and tolerated in events."""
    assert schema_of("metarr.command.enrich.v1")["additionalProperties"] is False
    assert "additionalProperties" not in schema_of("metarr.movie.enriched.v1")


def test_asyncapi_has_what_the_standard_requires() -> None:
    """Version, title; each channel a server and messages; each operation an action, a channel and messages of it."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert set(DOCUMENT["info"]) >= {"title", "version"}
    assert all({"host", "protocol"} <= set(server) for server in DOCUMENT["servers"].values())
    assert all({"address", "messages", "servers"} <= set(channel) for channel in DOCUMENT["channels"].values())
    assert {operation["action"] for operation in DOCUMENT["operations"].values()} == {"send", "receive"}
    assert all({"payload", "name", "contentType"} <= set(m) for m in DOCUMENT["components"]["messages"].values())


def test_asyncapi_references_resolve() -> None:
    """Every reference leads somewhere within the document."""
    assert all(resolve(reference, DOCUMENT) is not None for reference in references(DOCUMENT))


@pytest.mark.parametrize("name", sorted(DOCUMENT["operations"]))
def test_asyncapi_operations_use_messages_of_their_channel(name: str) -> None:
    """The standard demands that an operation's messages are references into its channel."""
    operation = DOCUMENT["operations"][name]
    parts = [part for part in (operation, operation.get("reply")) if part]

    assert all(m["$ref"].startswith(f"{part['channel']['$ref']}/messages/") for part in parts for m in part["messages"])


@pytest.mark.parametrize("name", sorted(DOCUMENT["channels"]))
def test_asyncapi_parameters_are_those_of_the_address(name: str) -> None:
    """Every parameter in an address is described, and no other."""
    channel = DOCUMENT["channels"][name]
    address = channel["address"] or ""

    assert {f"{{{parameter}}}" for parameter in channel.get("parameters", {})} == {
        token for token in address.split(".") if token.startswith("{")
    }


def test_asyncapi_knows_every_type_and_stream() -> None:
    """No message type and no stream is left out."""
    assert set(TYPES) <= set(DOCUMENT["components"]["messages"])
    assert [stream["name"] for stream in DOCUMENT["x-streams"]] == [stream.name for stream in STREAMS]


def test_described_headers_are_those_of_the_envelope() -> None:
    """The header schema names exactly the headers that are sent; what may be absent is not required."""
    now = datetime(2025, 11, 22, 10, 30, tzinfo=UTC)
    least = Envelope(id="1", type="metarr.claim.taken.v1", source="/metarr/enricher", time=now)
    most = least.model_copy(
        update={
            "subject": "123",
            "correlation_id": "2",
            "causation_id": "3",
            "traceparent": "00-1-1-00",
            "tracestate": "a=b",
        }
    )

    assert set(CLOUD_EVENT["properties"]) == set(most.headers())
    assert set(CLOUD_EVENT["required"]) == set(least.headers())
    assert Draft202012Validator(CLOUD_EVENT).is_valid(most.headers())
