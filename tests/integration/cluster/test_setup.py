"""How many copies there are is what setup was told last; nothing that is stored is lost by that."""

import asyncio
from pathlib import Path

import pytest
from tests.integration.cluster.nats_cluster import PATIENCE, NatsCluster, answered

from metarr_chassis.bus import Bus, connect
from metarr_chassis.errors import TopologyError
from metarr_chassis.topology import bucket_config, setup, stream_config, verify
from metarr_contracts.permissions import USERS, UserName
from metarr_contracts.streams import BUCKETS, COMMANDS, CONSUMERS, EVENTS, STREAMS
from metarr_contracts.subjects import movie_event
from metarr_local.embedded_nats import embedded_url

NAMES = [*(stream_config(stream)["name"] for stream in STREAMS), *(bucket_config(bucket)["name"] for bucket in BUCKETS)]
CALLS = [
    *(f"STREAM.INFO.{name}" for name in NAMES),
    *(f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}" for consumer in CONSUMERS),
]
PASSWORDS: dict[UserName, str] = {user.name: "pa,s@s" for user in USERS}


async def copies(bus: Bus, call: str) -> int:
    """On how many nodes a stream or a consumer is."""
    return 1 + len((await answered(lambda: bus.api(call))).get("cluster", {}).get("replicas", ()))


async def configs(bus: Bus) -> list[object]:
    """How everything is set up."""
    return [(await answered(lambda call=call: bus.api(call)))["config"] for call in CALLS]  # type: ignore[misc]


async def until_all_have(bus: Bus, number: int) -> None:
    """Wait for the copies: what exists is copied first, for about ten seconds however little it is."""
    async with asyncio.timeout(PATIENCE):
        while {await copies(bus, call) for call in CALLS} != {number}:
            await asyncio.sleep(0.1)


async def test_everything_is_on_three_servers(cluster: NatsCluster) -> None:
    """Streams, buckets and consumers; to set up again changes nothing, with the number or without."""
    await setup(cluster.url, demo=True, replicas=3)
    await cluster.has_copies(3, *NAMES)
    async with connect(cluster.url, "test") as bus:
        await until_all_have(bus, 3)
        store = await answered(lambda: verify(bus, demo=True))
        before = await configs(bus)
        for again in (3, None):
            await setup(cluster.url, demo=True, replicas=again)
            assert await configs(bus) == before
        assert await answered(lambda: verify(bus, demo=True)) == store


async def test_more_and_fewer_copies_of_what_exists(cluster: NatsCluster) -> None:
    """One at first; three when it is told so; what is stored stays, and is the same store."""
    await setup(cluster.url, demo=True)
    async with connect(cluster.url, "test") as bus:
        store = await answered(lambda: verify(bus, demo=True))
        for number in range(200):
            await answered(lambda number=number: bus.js.publish(movie_event(number), b"{}"))  # type: ignore[misc]
        command = await answered(lambda: bus.js.publish("metarr.cmd.enrich.1", b"{}"))
        state = await answered(lambda: bus.stream_state(EVENTS))
        for number in (3, 1):
            await setup(cluster.url, demo=True, replicas=number)
            await cluster.has_copies(number, *NAMES)
            await until_all_have(bus, number)
            assert await answered(lambda: verify(bus, demo=True)) == store
            assert await answered(lambda: bus.stream_state(EVENTS)) == state
            assert await answered(lambda: bus.message(COMMANDS, command.seq))


async def test_what_was_stored_is_there_without_the_server_that_had_it(cluster: NatsCluster) -> None:
    """A copy is whole once it is up to date."""
    await setup(cluster.url, demo=True)
    async with connect(cluster.url, "test") as bus:
        await answered(lambda: bus.js.publish("metarr.evt.movie.1", b"{}"))
    await setup(cluster.url, demo=True, replicas=3)
    await cluster.has_copies(3, *NAMES)
    await (await cluster.leader(EVENTS)).kill()
    await cluster.leader(EVENTS)
    async with connect(cluster.url, "test") as bus:
        assert await answered(lambda: bus.message(EVENTS, 1))


async def test_a_server_that_was_lost_for_good_is_replaced(cluster: NatsCluster) -> None:
    """An empty one under its name fetches all copies."""
    await setup(cluster.url, demo=True, replicas=3)
    await cluster.has_copies(3, *NAMES)
    async with connect(cluster.url, "test") as bus:
        await answered(lambda: bus.js.publish("metarr.evt.movie.1", b"{}"))
        lost = await cluster.leader(EVENTS)
        await lost.kill()
        lost.empty()
        await cluster.start(lost)
        await cluster.has_copies(3, *NAMES)
        assert await answered(lambda: bus.message(EVENTS, 1))


async def test_more_copies_than_servers_are_refused(cluster: NatsCluster) -> None:
    """With what to do about it; what exists stays as it is."""
    await setup(cluster.url, demo=True, replicas=3)
    with pytest.raises(TopologyError, match=r"cannot have 5 copies.*start 5 servers, or set METARR_REPLICAS"):
        await setup(cluster.url, demo=True, replicas=5)
    async with connect(cluster.url, "test") as bus:
        assert await copies(bus, f"STREAM.INFO.{COMMANDS}") == 3


async def test_a_single_server_has_one_copy(nats_url: str) -> None:
    """It is no cluster."""
    with pytest.raises(TopologyError, match=r"cannot have 3 copies.*start 3 servers, or set METARR_REPLICAS"):
        await setup(nats_url, demo=True, replicas=3)


async def test_user_and_password_hold_for_every_server(server_folder: Path) -> None:
    """Named at one address, for a server of another address and for one that clients only hear of."""
    async with NatsCluster(server_folder / "nats", passwords=PASSWORDS) as cluster:
        await setup(cluster.url, demo=True, replicas=3)
        first, second, _ = cluster.nodes
        known = f"{embedded_url(first.port, 'enricher', PASSWORDS)},{second.url}"
        async with connect(known, "test"):
            await first.kill()
            await second.stop()
            await cluster.start(first)
            await first.kill()
