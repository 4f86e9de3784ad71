"""Setup makes the bus, services only compare; demo data and a person's own never meet."""

import json
from typing import Any

import nats.errors
import pytest
from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.errors import BadRequestError, NoStreamResponseError

from metarr_chassis import topology
from metarr_chassis.bus import Bus, connect
from metarr_chassis.errors import TopologyError
from metarr_chassis.topology import setup, stream_config, verify
from metarr_contracts import streams

OFFLINE = "no suitable peers for placement, peer offline"
"""As nats-server says it of a server of the cluster."""


async def test_a_bus_that_is_set_up_is_as_expected(nats_url: str) -> None:
    """However often it is set up; the store stays the same one."""
    await setup(nats_url, demo=True)
    async with connect(nats_url, "test") as bus:
        store = await verify(bus, demo=True)
        await setup(nats_url, demo=True)
        assert await verify(bus, demo=True) == store
        assert store.kind == "demo"


async def test_a_stream_that_has_no_leader_yet_is_waited_for(nats_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a bucket that was just made, when what is put into it is not taken at first, then setup goes on."""
    publish, refused = JetStreamContext.publish, [NoStreamResponseError(), nats.errors.TimeoutError()]

    async def refuse_at_first(context: JetStreamContext, *args: Any, **options: Any) -> PubAck:
        if refused:
            raise refused.pop()
        return await publish(context, *args, **options)

    monkeypatch.setattr(JetStreamContext, "publish", refuse_at_first)
    await setup(nats_url, demo=True)
    async with connect(nats_url, "test") as bus:
        assert (await verify(bus, demo=True)).kind == "demo"


async def test_a_server_that_is_not_heard_of_is_waited_for(nats_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For some seconds: setup goes on when it has come, and else says how many servers there have to be."""
    api, refused = Bus.api, [BadRequestError(code=400, err_code=10005, description=OFFLINE) for _ in range(3)]

    async def refuse_at_first(bus: Bus, call: str, body: bytes = b"") -> dict[str, Any]:
        if refused and call.startswith("STREAM.CREATE"):
            raise refused.pop()
        return await api(bus, call, body)

    monkeypatch.setattr(Bus, "api", refuse_at_first)
    with monkeypatch.context() as patience:
        patience.setattr(topology, "OFFLINE_SECONDS", 0.0)
        with pytest.raises(topology.ServerOfflineError, match="start 1 servers"):
            await setup(nats_url, demo=True)
    monkeypatch.setattr(topology, "OFFLINE_SECONDS", 60.0)
    await setup(nats_url, demo=True)
    assert not refused
    async with connect(nats_url, "test") as bus:
        assert (await verify(bus, demo=True)).kind == "demo"


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
