"""The whole system with the web UI as it was built."""

import contextlib
import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from tests.e2e.system import System, running

from metarr_local.ui import BUILT, built_ui


@contextlib.asynccontextmanager
async def with_ui(*, clock: datetime | None = None, **environment: str) -> AsyncIterator[System]:
    """A demo system of its own that serves the web UI of METARR_UI_DIR, else of this checkout; else as `running`."""
    ui = built_ui(Path(os.environ.get("METARR_UI_DIR", BUILT)))
    if ui is None:
        pytest.skip("the web UI is not built")
    async with running(demo=True, clock=clock, METARR_UI_DIR=str(ui), **environment) as system:
        yield system
