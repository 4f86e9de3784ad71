"""The one system of these tests: each of them runs over all its films."""

from collections.abc import AsyncIterator

import pytest
from tests.e2e.client import api_of
from tests.e2e.system import running
from tests.faults.attack import ENRICHERS
from tests.faults.scale import WINDOW, fill
from tests.faults.site import Site

from metarr_chassis.bus import connect


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    """Three enrichers, and providers that are so slow that what happens to a run happens in its middle."""
    async with (
        running(METARR_LOG_FORMAT="json", METARR_BULK_WINDOW=str(WINDOW // len(ENRICHERS))) as system,
        api_of(system.url, patient=True) as api,
        connect(system.nats.url, "test") as bus,
    ):
        for name in ENRICHERS[1:]:
            await system.start("enricher", name)
        films = await fill(api)
        await system.providers(latencyMs=80, jitterMs=80)
        yield Site(system, api, bus, films)
