"""A demo begins with a small library, put in once through the same door as everybody's."""

import json

from metarr_local.importing import import_films
from metarr_sandbox.catalog import demo_library


async def import_demo_library(url: str) -> int:
    """Import the demo's films; return how many were added. Raises LocalError."""
    outcome = await import_films(url, json.dumps(demo_library()).encode(), "application/json", lambda *_: None)
    return outcome.counts.added
