"""`python -m metarr_local.export` describes our interfaces under `docs/api`, from their definitions."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from metarr_contracts import asyncapi
from metarr_contracts.json_schema import schema_of
from metarr_contracts.registry import TYPES
from metarr_gateway import openapi
from metarr_local import export_bus, export_settings

FOLDER = Path("docs/api")
SCHEMAS = "schemas"


def documents() -> Mapping[str, str]:
    """Every exported file: its path under the folder, and its text."""
    return {
        "asyncapi.json": _json(asyncapi.document()),
        "bus.md": export_bus.page(),
        "settings.md": export_settings.page(),
        "openapi.json": _json(openapi.document()),
        **{f"{SCHEMAS}/{message_type}.json": _json(schema_of(message_type)) for message_type in TYPES},
    }


def write(folder: Path) -> None:
    """Write all files; schemas of types that are no more are removed."""
    written = documents()
    schemas = folder / SCHEMAS
    schemas.mkdir(exist_ok=True)
    for old in schemas.glob("*.json"):
        old.unlink()
    for path, text in written.items():
        (folder / path).write_text(text, encoding="utf-8")


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if not FOLDER.is_dir():
        sys.exit(f"{FOLDER} is not here: run this in the project's folder")
    write(FOLDER)
