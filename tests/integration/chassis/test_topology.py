"""Setup makes the bus, services only compare; demo data and a person's own never meet."""

import json

import pytest

from metarr_chassis.bus import connect
from metarr_chassis.errors import TopologyError
from metarr_chassis.topology import setup, stream_config, verify
from metarr_contracts import streams


async def test_a_bus_that_is_set_up_is_as_expected(nats_url: str) -> None:
    """However often it is set up; the store stays the same one."""
    await setup(nats_url, demo=True)
    async with connect(nats_url, "test") as bus:
        store = await verify(bus, demo=True)
        await setup(nats_url, demo=True)
        assert await verify(bus, demo=True) == store
        assert store.kind == "demo"


@pytest.mark.parametrize("demo", [True, False])
async def test_demo_and_real_never_meet(nats_url: str, *, demo: bool) -> None:
    """Neither when it is set up again nor when a service starts."""
    await setup(nats_url, demo=demo)
    with pytest.raises(TopologyError, match="store of its own"):
        await setup(nats_url, demo=not demo)
    async with connect(nats_url, "test") as bus:
        with pytest.raises(TopologyError, match="store of its own"):
            await verify(bus, demo=not demo)


async def test_a_bus_that_nobody_set_up_is_refused(nats_url: str) -> None:
    """With what to do about it."""
    async with connect(nats_url, "test") as bus:
        with pytest.raises(TopologyError, match="METARR_COMMANDS does not exist; run: metarr setup"):
            await verify(bus, demo=True)


async def test_a_lock_that_is_open_is_refused_and_setup_mends_it(nats_url: str) -> None:
    """The setting is named; what is stored stays."""
    await setup(nats_url, demo=True)
    async with connect(nats_url, "test") as bus:
        await bus.js.publish("metarr.cmd.enrich.1", b"{}")
        changed = stream_config(streams.STREAMS[0]) | {"max_msgs_per_subject": 5}
        await bus.api(f"STREAM.UPDATE.{streams.COMMANDS}", json.dumps(changed).encode())
        with pytest.raises(TopologyError, match="max_msgs_per_subject is 5, expected 1"):
            await verify(bus, demo=True)
        await setup(nats_url, demo=True)
        await verify(bus, demo=True)
        assert await bus.message(streams.COMMANDS, 1)
