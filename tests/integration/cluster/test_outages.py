"""NATS servers of a cluster are restarted and lost in the middle of a run: nothing is lost and nothing is doubled."""

import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.e2e.client import api_of
from tests.e2e.library import import_rows, made_up
from tests.integration.cluster.nats_cluster import LAME_DUCK
from tests.integration.cluster.site import FILMS, WINDOW, ClusterSystem, Site

from metarr_chassis.bus import connect
from metarr_contracts import streams


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    """Two enrichers and two projectors, and a library."""
    environment = {"METARR_BULK_WINDOW": str(WINDOW // 2), "METARR_LOG_FORMAT": "json", "METARR_LOG_LEVEL": "debug"}
    with tempfile.TemporaryDirectory(prefix="metarr-cluster-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        async with (
            ClusterSystem(Path(folder), True, environment) as system,
            api_of(system.url, patient=True) as api,
            connect(system.cluster.url, "test") as bus,
        ):
            assert (await import_rows(api, made_up(FILMS)))["added"] == FILMS
            yield Site(system, api, bus)


async def test_a_rolling_restart(site: Site) -> None:
    """One server after the other, each when the last one is back with all that was stored meanwhile."""
    async with site.run(losses=3) as run, run.in_its_middle():
        for node, how in zip(site.cluster.nodes, (LAME_DUCK, signal.SIGTERM, LAME_DUCK), strict=True):
            await node.stop(how)
            await site.cluster.start(node)
            await site.healthy()
            await run.refreshes.until_accepted(1)


@pytest.mark.parametrize("stream", [streams.EVENTS, streams.COMMANDS])
async def test_a_leader_is_lost(site: Site, stream: str) -> None:
    """The other two go on without it to the end of the run; when it is back it catches up."""
    async with site.run(losses=1) as run, run.in_its_middle():
        lost = await site.cluster.leader(stream)
        await lost.kill()
        await run.refreshes.until_accepted(3)
    await site.cluster.start(lost)
    await site.healthy()


async def test_two_servers_are_lost(site: Site) -> None:
    """One alone decides nothing: refreshes are refused and all wait; with a second one everything goes on."""
    async with site.run(losses=2) as run, run.in_its_middle():
        first, second, _ = site.cluster.nodes
        await first.kill()
        await second.kill()
        await run.refreshes.until_refused(5)
        assert site.system.all_live()
        assert (await site.api.get("/api/movies/enrichment/stats")).data["total"] == FILMS
        await site.cluster.start(first)
        await run.refreshes.until_accepted(3)
    await site.cluster.start(second)
    await site.healthy()
