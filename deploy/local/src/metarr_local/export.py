"""`python -m metarr_local.export` describes our interfaces under `docs/api`, from their definitions.

What the web UI has to know of them is written beside its sources, and who may do what on the bus for NATS servers.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from metarr_contracts import asyncapi
from metarr_contracts.json_schema import schema_of
from metarr_contracts.registry import TYPES
from metarr_gateway import openapi
from metarr_local import export_bus, export_fields, export_settings
from metarr_local.nats_authorization import authorization

FOLDER = "docs/api"
SCHEMAS = f"{FOLDER}/schemas"
NATS_USERS = "deploy/nats/authorization.conf"
FIELDS = "public/frontend/src/types/fields.json"


def documents() -> Mapping[str, str]:
    """Every exported file: its path in the project, and its text."""
    return {
        f"{FOLDER}/asyncapi.json": _json(asyncapi.document()),
        f"{FOLDER}/bus.md": export_bus.page(),
        f"{FOLDER}/settings.md": export_settings.page(),
        f"{FOLDER}/openapi.json": _json(openapi.document()),
        NATS_USERS: authorization(),
        FIELDS: _json(export_fields.document()),
        **{f"{SCHEMAS}/{message_type}.json": _json(schema_of(message_type)) for message_type in TYPES},
    }


def write(project: Path) -> None:
    """Write all files; schemas of types that are no more are removed."""
    written = documents()
    for old in (project / SCHEMAS).glob("*.json"):
        old.unlink()
    for path, text in written.items():
        file = project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if not Path(FOLDER).is_dir():
        sys.exit(f"{FOLDER} is not here: run this in the project's folder")
    write(Path())
