"""A service that starts while the cluster has no leader."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.integration.cluster.nats_cluster import PATIENCE, NatsCluster

from metarr_chassis.topology import setup
from metarr_local.child import Command, end, spawn
from metarr_local.ports import free_port
from metarr_local.service_process import says_ready


async def test_it_waits_for_one(cluster: NatsCluster, tmp_path: Path) -> None:
    """It neither ends nor is it ready; with a second server it begins its work."""
    await setup(cluster.url, demo=False, replicas=3)
    await cluster.has_copies(3, "METARR_EVENTS")
    await cluster.stop()
    first, second, _ = cluster.nodes
    await cluster.start_alone(first)
    port, log = free_port(), tmp_path / "scheduler.log"
    told = {**os.environ, "METARR_NATS_URL": cluster.url, "METARR_HEALTH_PORT": str(port), "METARR_SCHEDULE": "off"}
    ready_url = f"http://127.0.0.1:{port}/readyz"
    with log.open("wb") as output:
        process = await spawn(Command((sys.executable, "-m", "metarr_scheduler"), told), output)
    try:
        async with asyncio.timeout(PATIENCE):
            while "waiting for JetStream" not in log.read_text():
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.05)
            assert not await says_ready(ready_url)
            await cluster.start(second)
            while not await says_ready(ready_url):
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.05)
    finally:
        await end(process, signal.SIGTERM, 10)
