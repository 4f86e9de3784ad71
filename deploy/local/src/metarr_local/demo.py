"""A demo begins with a small library, put in once through the same door as everybody's.

`python -m metarr_local.demo URL` does it for a Metarr whose parts were started each by itself; METARR_API_KEY_FILE
names the file with its key.
"""

import asyncio
import json
import sys

from metarr_chassis.settings import load_settings
from metarr_local import web_key
from metarr_local.errors import LocalError
from metarr_local.importing import import_films
from metarr_local.settings import WebSettings
from metarr_sandbox.catalog import demo_library


async def import_demo_library(url: str, key: str | None) -> int:
    """Import the demo's films; return how many were added. Raises LocalError."""
    outcome = await import_films(url, json.dumps(demo_library()).encode(), "application/json", lambda *_: None, key)
    return outcome.counts.added


def main(url: str) -> int:
    """Import the demo's films and say how many were added; return the exit code."""
    try:
        key = web_key.sent_to(url, load_settings(WebSettings))
        added = asyncio.run(import_demo_library(url, key))
    except (LocalError, OSError) as error:
        sys.stderr.write(f"The demo library could not be imported: {error}\n")
        return 1
    sys.stdout.write(f"Demo library: {added} films added.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
