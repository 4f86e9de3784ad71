"""A backup of a cluster, restored onto a cluster: every copy has it, and no job id comes again."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from tests.integration.cluster.nats_cluster import NatsCluster, answered

from metarr_chassis.bus import Bus
from metarr_chassis.topology import setup, verify
from metarr_contracts.streams import COMMANDS, EVENTS
from metarr_contracts.subjects import enrich_command, movie_event
from metarr_local.backup import back_up
from metarr_local.errors import LocalError
from metarr_local.restore import restore

WAITING = 5


def quiet(_what: str, _done: int) -> None:
    """Nobody watches."""


async def publish(bus: Bus, subject: str, data: bytes) -> int:
    """Store a message, once however often it is sent; its sequence."""
    headers = {"Nats-Msg-Id": uuid4().hex}
    return (await answered(lambda: bus.js.publish(subject, data, headers=headers))).seq


@pytest.fixture
async def backup(cluster: NatsCluster, bus: Bus, tmp_path: Path) -> Path:
    """A backup of a cluster on which commands wait, and to which more came after it."""
    for number in range(1, 201):
        await publish(bus, movie_event(number), os.urandom(5_000))
    for number in range(1, WAITING + 1):
        await publish(bus, enrich_command(number), b"{}")
    await back_up(cluster.url, tmp_path / "backup", quiet)
    for number in range(10, 20):
        await publish(bus, enrich_command(number), b"{}")
    return tmp_path / "backup"


async def test_a_restored_cluster_has_all_its_copies(cluster: NatsCluster, bus: Bus, backup: Path) -> None:
    """Given a restore, when the server that leads the queue is killed, then the others go on where it was."""
    last = (await answered(lambda: bus.stream_state(COMMANDS))).last_seq
    await restore(cluster.url, backup, quiet, demo=True, replace=True)
    await cluster.has_copies(3, EVENTS, COMMANDS)
    await answered(lambda: verify(bus, demo=True))
    first = await publish(bus, enrich_command(10), b"{}")
    assert first > last
    await (await cluster.leader(COMMANDS)).kill()
    await cluster.leader(COMMANDS)
    await cluster.leader(EVENTS)
    sequences = (*range(1, WAITING + 1), first)
    waiting = [await answered(lambda seq=seq: bus.message(COMMANDS, seq)) for seq in sequences]  # type: ignore[misc]
    assert [message.subject for message in waiting if message] == [
        enrich_command(number) for number in (*range(1, WAITING + 1), 10)
    ]
    assert await publish(bus, enrich_command(11), b"{}") == first + 1
    assert (await answered(lambda: bus.stream_state(EVENTS))).last_seq == 200


async def test_a_restore_that_broke_off_is_repeated(cluster: NatsCluster, bus: Bus, backup: Path) -> None:
    """Given a restore that ended in the middle of the events, when it is repeated at once, then all is there."""

    def break_off(what: str, _done: int) -> None:
        if what == f"Restoring {EVENTS}":
            raise LocalError("the cable is out")

    with pytest.raises(LocalError, match="cable"):
        await restore(cluster.url, backup, break_off, demo=True, replace=True)
    await restore(cluster.url, backup, quiet, demo=True)
    await setup(cluster.url, demo=True, replicas=3)
    await answered(lambda: verify(bus, demo=True))
    assert (await answered(lambda: bus.stream_state(EVENTS))).last_seq == 200
