"""How large the tests of faults are, and the library they run over.

METARR_TEST_KILLS is how often something of a kind is killed, METARR_TEST_FILMS how many films there are (1794 means the
real titles, where their list is there), METARR_TEST_SEED repeats the moments of a failure.
"""

import os
import secrets

from tests.e2e.client import Api
from tests.e2e.library import BECHDEL, BECHDEL_FILMS, import_bechdel, import_rows, made_up

KILLS = int(os.environ.get("METARR_TEST_KILLS", "2"))
MANY = 10
"""With so many kills everything is tried with and without `force`."""
FILMS = int(os.environ.get("METARR_TEST_FILMS", "400"))
SEED = int(os.environ.get("METARR_TEST_SEED", str(secrets.randbelow(1_000_000))))
WINDOW = 15
"""Films of a run in flight, over all enrichers."""
RUN_SECONDS = 60 + 30 * KILLS + FILMS / 5
"""The longest that a run may take: a kill can hold a film, or the whole run, for the acknowledgement time-out."""


async def fill(api: Api) -> int:
    """Fill the library and return how many films it has."""
    if FILMS == BECHDEL_FILMS and BECHDEL.exists():
        return int((await import_bechdel(api))["added"])
    return (await import_rows(api, made_up(FILMS)))["added"]
