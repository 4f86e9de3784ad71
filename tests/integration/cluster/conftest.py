"""Clusters of three NATS servers: one for each test, and one under a whole system for the tests of runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.cluster.nats_cluster import NatsCluster

from metarr_chassis.bus import Bus, connect
from metarr_chassis.topology import setup
from metarr_contracts.streams import COMMANDS, EVENTS


@pytest.fixture
async def cluster(server_folder: Path) -> AsyncIterator[NatsCluster]:
    """Three nodes without any stream."""
    async with NatsCluster(server_folder / "nats") as running:
        yield running


@pytest.fixture
async def bus(cluster: NatsCluster) -> AsyncIterator[Bus]:
    """A connection to a cluster that is set up with three copies."""
    await setup(cluster.url, demo=True, replicas=3)
    await cluster.has_copies(3, EVENTS, COMMANDS)
    async with connect(cluster.url, "test") as opened:
        yield opened
