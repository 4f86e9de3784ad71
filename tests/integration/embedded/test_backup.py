"""`metarr backup` and `metarr restore` on real servers: what is copied, what is refused, where job ids go on."""

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import nats.errors
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from metarr_chassis.bus import Bus, RawMessage, connect
from metarr_chassis.errors import TopologyError
from metarr_chassis.event_store import EventStore, NewEvent
from metarr_chassis.job_ids import ROOM
from metarr_chassis.micro import serve
from metarr_chassis.topology import setup, verify
from metarr_contracts import events, streams, subjects
from metarr_local.backup import back_up, open_bus
from metarr_local.backup_folder import read_backup
from metarr_local.backup_manifest import MANIFEST, ORDER
from metarr_local.cli import main
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.errors import LocalError
from metarr_local.ports import free_port
from metarr_local.restore import restore
from metarr_local.snapshots import Written, copy_stream, restore_stream

QUEUED = 5
SECONDS = 120
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def quiet(_what: str, _done: int) -> None:
    """Nobody watches."""


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    """A bus with a demo's streams, on which commands wait and something has happened."""
    await setup(nats_url, demo=True)
    async with connect(nats_url, "test") as bus:
        for number in range(1, QUEUED + 1):
            await command(bus, number)
        for number in range(1, 21):
            await bus.js.publish(subjects.movie_event(number), os.urandom(500))
            await bus.js.publish(subjects.answer("tmdb", number), os.urandom(500))
        await bus.js.publish(f"$KV.{streams.META}.next-movie-id", b"21")
        await bus.js.publish(f"$KV.{streams.RATES}.tmdb", b"{}")
        await bus.js.publish(f"$KV.{streams.SNAPSHOTS}.movie.1", b"{}")
        await bus.js.publish(subjects.dead_letter("metarr.cmd.enrich.9"), b"{}")
        await (await bus.js.object_store(streams.UPLOADS)).put("rows", os.urandom(400_000))
        yield bus


@pytest.fixture
async def other_url(server_folder: Path) -> AsyncIterator[str]:
    """The address of a second server, with nothing on it."""
    async with EmbeddedNats(server_folder / "other") as server:
        yield server.url


async def command(bus: Bus, movie_id: int) -> int:
    """Queue a refresh; its job id."""
    return int((await bus.js.publish(subjects.enrich_command(movie_id), b"{}")).seq)


async def messages(bus: Bus, stream: str) -> list[RawMessage]:
    """All messages of a stream."""
    found: list[RawMessage] = []
    while (message := await bus.next_message(stream, ">", found[-1].seq + 1 if found else 1)) is not None:
        found.append(message)
    return found


async def whole(bus: Bus) -> dict[str, list[RawMessage]]:
    """All messages of all streams that are in a backup."""
    return {name: await messages(bus, name) for name in ORDER}


async def delivered(bus: Bus, number: int) -> list[int]:
    """Take so many commands out of the queue, as an enricher does, until they are gone from it; their job ids."""
    queue = await bus.js.pull_subscribe_bind(consumer=streams.ENRICHER, stream=streams.COMMANDS)
    ids: list[int] = []
    async with asyncio.timeout(SECONDS):
        while len(ids) < number:
            # A consumer may hear of the newest a moment after who published it.
            with contextlib.suppress(nats.errors.TimeoutError):
                for message in await queue.fetch(number - len(ids)):
                    await message.ack_sync(timeout=SECONDS)
                    ids.append(message.metadata.sequence.stream)
        for seq in ids:
            while await bus.message(streams.COMMANDS, seq) is not None:
                await asyncio.sleep(0.01)
    return ids


def _without_job_ids(found: list[RawMessage]) -> list[RawMessage]:
    return [message for message in found if not message.subject.endswith(".job-ids")]


async def test_all_is_as_it_was(bus: Bus, nats_url: str, other_url: str, tmp_path: Path) -> None:
    """Given a backup, when it is restored elsewhere, then every message is there with sequence, time and headers."""
    before = await whole(bus)
    await back_up(nats_url, tmp_path / "backup", quiet)
    await restore(other_url, tmp_path / "backup", quiet, demo=True)
    async with connect(other_url, "test") as other:
        after = await whole(other)
        after["KV_METARR_META"] = _without_job_ids(after["KV_METARR_META"])
        assert after == before
        assert (await verify(other, demo=True)).id == (await verify(bus, demo=True)).id
        stored = await (await other.js.object_store(streams.UPLOADS)).get("rows")
        assert len(stored.data or b"") == 400_000


async def test_waiting_commands_keep_their_ids_and_new_ones_lie_above(
    bus: Bus, nats_url: str, other_url: str, tmp_path: Path
) -> None:
    """Given ids that were given out after the backup, when it is restored, then none of them comes again."""
    await back_up(nats_url, tmp_path / "backup", quiet)
    seen_by_clients = [await command(bus, number) for number in range(100, 130)]
    await restore(other_url, tmp_path / "backup", quiet, demo=True)
    async with connect(other_url, "test") as other:
        new = await command(other, 100)
        assert new > max(seen_by_clients)
        assert await delivered(other, QUEUED + 1) == [*range(1, QUEUED + 1), new]
        # The place is taken as before: one command at most for each film.
        assert await command(other, 1) == new + 1


async def test_a_stream_is_another_one_after_a_restore(bus: Bus, nats_url: str, other_url: str, tmp_path: Path) -> None:
    """Rows and snapshots of before do not fit it, whether the server gives it a time of its own or not; each time."""
    await back_up(nats_url, tmp_path / "backup", quiet)
    await restore(other_url, tmp_path / "backup", quiet, demo=True)
    async with connect(other_url, "test") as other:
        first = (await other.stream_state(streams.EVENTS)).created
        assert await messages(other, f"KV_{streams.SNAPSHOTS}") == []
        await restore(other_url, tmp_path / "backup", quiet, demo=True, replace=True)
        second = (await other.stream_state(streams.EVENTS)).created
        # The mark alone tells them apart.
        marks = {created.partition(" ")[2] for created in (first, second)}
        assert len(marks - {""}) == 2
        assert (await bus.stream_state(streams.EVENTS)).created not in {first, second}
        await setup(other_url, demo=True)
        assert (await other.stream_state(streams.EVENTS)).created == second


async def test_ids_of_the_queue_that_is_replaced_do_not_come_again(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    """Given a queue that has gone far, when an old backup takes its place, then ids go on above those of the queue."""
    await back_up(nats_url, tmp_path / "backup", quiet)
    await bus.api(f"STREAM.PURGE.{streams.COMMANDS}")
    await bus.api(f"STREAM.PURGE.{streams.COMMANDS}", json.dumps({"seq": 5 * ROOM}).encode())
    last = await command(bus, 1)
    assert last >= 5 * ROOM
    await restore(nats_url, tmp_path / "backup", quiet, demo=True, replace=True)
    assert await command(bus, 77) > last


async def test_a_backup_of_a_restored_bus(bus: Bus, nats_url: str, other_url: str, tmp_path: Path) -> None:
    """Given a queue with a gap in its sequences, when it is backed up and restored again, then it is as it was."""
    await back_up(nats_url, tmp_path / "first", quiet)
    await restore(nats_url, tmp_path / "first", quiet, demo=True, replace=True)
    last = await command(bus, 77)
    await back_up(nats_url, tmp_path / "second", quiet)
    await restore(other_url, tmp_path / "second", quiet, demo=True)
    async with connect(other_url, "test") as other:
        assert [message.seq for message in await messages(other, streams.COMMANDS)] == [*range(1, QUEUED + 1), last]
        assert await command(other, 78) > last


@pytest.mark.parametrize("waiting", [1, 0])
async def test_a_backup_of_a_queue_that_was_lost(
    bus: Bus, nats_url: str, other_url: str, tmp_path: Path, waiting: int
) -> None:
    """Given a queue that was made anew with a first sequence of its own, when it is restored, then it goes on above."""
    await bus.api(f"STREAM.DELETE.{streams.COMMANDS}")
    await setup(nats_url, demo=True)
    ids = [await command(bus, 77)]
    if not waiting:
        assert await delivered(bus, 1) == ids
    await back_up(nats_url, tmp_path / "backup", quiet)
    await restore(other_url, tmp_path / "backup", quiet, demo=True)
    async with connect(other_url, "test") as other:
        assert [message.seq for message in await messages(other, streams.COMMANDS)] == ids[:waiting]
        assert await command(other, 78) > ids[0] + ROOM
        await verify(other, demo=True)


async def test_a_backup_under_load(bus: Bus, nats_url: str, other_url: str, tmp_path: Path) -> None:
    """Given events and commands that keep coming, when a backup is restored, then it holds the events' beginning."""
    stop = asyncio.Event()

    async def load() -> None:
        number = 1_000
        while not stop.is_set():
            number += 1
            await bus.js.publish(subjects.movie_event(number), os.urandom(2_000))
            await command(bus, number)

    loading = asyncio.create_task(load())
    manifest = await back_up(nats_url, tmp_path / "backup", quiet)
    stop.set()
    await loading
    await restore(other_url, tmp_path / "backup", quiet, demo=True)
    async with connect(other_url, "test") as other:
        restored, all_of_them = await messages(other, streams.EVENTS), await messages(bus, streams.EVENTS)
        assert manifest.events_before <= manifest.stream(streams.EVENTS).last_seq <= len(restored) <= len(all_of_them)
        assert restored == all_of_them[: len(restored)]


async def test_an_import_whose_command_is_not_in_the_backup_is_ended(
    bus: Bus, nats_url: str, other_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given an import that was begun while a backup was taken, when that is restored, then it has failed, once."""
    store = EventStore(bus, "test")

    async def progress(job_id: int, version: int) -> int:
        body = events.ImportProgressed(
            job_id=job_id, chunk=1, processed=1, total=2, counts=events.ImportCounts(), noted=(), at=NOW
        )
        return (await store.append(subjects.job_event(job_id), NewEvent(f"{job_id}/{version}", body, NOW), version)).seq

    await progress(2, 0)
    begun: list[int] = []

    async def copy(client: Client, stream: str, write: Callable[[bytes], None]) -> dict[str, Any]:
        # The queue has been copied, the events have not.
        if stream == streams.EVENTS:
            begun.append(int((await bus.js.publish(subjects.import_command("rows"), b"{}")).seq))
            await progress(begun[0], 0)
        return await copy_stream(client, stream, write)

    monkeypatch.setattr("metarr_local.backup.copy_stream", copy)
    await back_up(nats_url, tmp_path / "backup", quiet)
    await restore(other_url, tmp_path / "backup", quiet, demo=True)
    async with connect(other_url, "test") as other:
        told_of = [recorded.body async for recorded in EventStore(other, "test").read(subjects.job_event(begun[0]))]
        assert [type(body) for body in told_of] == [events.ImportProgressed, events.ImportFailed]
        earlier = [recorded.body async for recorded in EventStore(other, "test").read(subjects.job_event(2))]
        assert [type(body) for body in earlier] == [events.ImportProgressed]


async def test_it_is_not_restored_over_a_metarr(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    """Given a bus with a Metarr, when nobody says that it may be replaced, then nothing changes."""
    await back_up(nats_url, tmp_path / "backup", quiet)
    await command(bus, 77)
    before = await whole(bus)
    with pytest.raises(LocalError, match=r"already \(METARR_COMMANDS, .*\)\. With --replace it is removed for good"):
        await restore(nats_url, tmp_path / "backup", quiet, demo=True)
    assert await whole(bus) == before
    await verify(bus, demo=True)


@pytest.mark.usefixtures("bus")
async def test_demo_and_real_data_do_not_meet(nats_url: str, other_url: str, tmp_path: Path) -> None:
    """Neither a demo's backup in a real library's settings, nor in the place of a real library."""
    await back_up(nats_url, tmp_path / "backup", quiet)
    with pytest.raises(LocalError, match="The backup does not fit the settings: this store holds demo data"):
        await restore(other_url, tmp_path / "backup", quiet, demo=False)
    await setup(other_url, demo=False)
    with pytest.raises(LocalError, match="The bus does not fit the settings: this store holds a real library"):
        await restore(other_url, tmp_path / "backup", quiet, demo=True, replace=True)
    async with connect(other_url, "test") as other:
        assert (await verify(other, demo=False)).kind == "real"


async def test_demo_and_real_data_do_not_meet_in_a_restore_that_broke_off(
    bus: Bus, nats_url: str, other_url: str, tmp_path: Path
) -> None:
    """Given a demo for which a restore has begun, when a real library is to take the place, then nothing changes."""
    await back_up(nats_url, tmp_path / "demo", quiet)
    await setup(other_url, demo=False)
    await back_up(other_url, tmp_path / "real", quiet)

    def break_off(what: str, _done: int) -> None:
        if what == f"Restoring KV_{streams.RATES}":
            raise LocalError("the cable is out")

    with pytest.raises(LocalError, match="cable"):
        await restore(nats_url, tmp_path / "demo", break_off, demo=True, replace=True)
    with pytest.raises(LocalError, match="The bus does not fit the settings: this store holds demo data"):
        await restore(nats_url, tmp_path / "real", quiet, demo=False, replace=True)
    await restore(nats_url, tmp_path / "demo", quiet, demo=True)
    await verify(bus, demo=True)


@pytest.mark.parametrize("name", ["gateway", "enricher", "scheduler", "projector"])
async def test_it_is_not_restored_under_services(bus: Bus, nats_url: str, tmp_path: Path, name: str) -> None:
    """Given a service that answers, when a backup is to take the place, then it is named and nothing changes."""
    await back_up(nats_url, tmp_path / "backup", quiet)
    before = await whole(bus)
    async with serve(bus, name, "Is at work", ()):
        with pytest.raises(LocalError, match=rf"Metarr is at work on this bus \({name}\)\. Stop it first"):
            await restore(nats_url, tmp_path / "backup", quiet, demo=True, replace=True)
    assert await whole(bus) == before


async def test_it_is_not_restored_under_a_reader(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    """Given somebody who waits for commands without a word, when a backup is to take the place, then it is refused."""
    await bus.api(f"STREAM.PURGE.{streams.COMMANDS}")
    await back_up(nats_url, tmp_path / "backup", quiet)
    queue = await bus.js.pull_subscribe_bind(consumer=streams.ENRICHER, stream=streams.COMMANDS)
    waiting = asyncio.create_task(queue.fetch(1, timeout=3_600))
    async with asyncio.timeout(SECONDS):
        while not (await queue.consumer_info()).num_waiting:
            await asyncio.sleep(0.02)
    with pytest.raises(LocalError, match=r"at work on this bus \(a reader of METARR_COMMANDS\)"):
        await restore(nats_url, tmp_path / "backup", quiet, demo=True, replace=True)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize("where", ["Restoring METARR_COMMANDS", "Restoring METARR_EVENTS", "Restoring KV_METARR_RATES"])
async def test_a_restore_that_broke_off_is_repeated(bus: Bus, nats_url: str, tmp_path: Path, where: str) -> None:
    """Given a restore that ended somewhere, then nothing starts until it is repeated, and no id comes twice."""
    await back_up(nats_url, tmp_path / "backup", quiet)
    before = (await whole(bus))[streams.EVENTS]
    await bus.api(f"STREAM.PURGE.{streams.COMMANDS}")
    await bus.api(f"STREAM.PURGE.{streams.COMMANDS}", json.dumps({"seq": 5 * ROOM}).encode())
    last = await command(bus, 77)

    def break_off(what: str, _done: int) -> None:
        if what == where:
            raise LocalError("the cable is out")

    with pytest.raises(LocalError, match="cable"):
        await restore(nats_url, tmp_path / "backup", break_off, demo=True, replace=True)
    for refused in (setup(nats_url, demo=True), verify(bus, demo=True)):
        with pytest.raises(TopologyError, match="repeat it: metarr restore"):
            await refused
    with pytest.raises(LocalError, match="A restore was not brought to its end"):
        await back_up(nats_url, tmp_path / "of-a-half", quiet)

    await restore(nats_url, tmp_path / "backup", quiet, demo=True)
    assert (await whole(bus))[streams.EVENTS] == before
    assert await command(bus, 77) > last
    await verify(bus, demo=True)


@pytest.mark.parametrize("later", [0, 1, 2, 1_000])
async def test_a_restore_is_repeated_a_moment_later(
    bus: Bus, nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: int
) -> None:
    """Given a repeated restore that reckons with as many ids more, or with none, then ids go on above those."""
    await back_up(nats_url, tmp_path / "backup", quiet)
    reckoned = iter((ROOM, ROOM + later))
    monkeypatch.setattr("metarr_local.restore.after_restore", lambda _last, _seconds: next(reckoned))

    def break_off(what: str, _done: int) -> None:
        if what == "Restoring METARR_COMMANDS":
            raise LocalError("the cable is out")

    with pytest.raises(LocalError, match="cable"):
        await restore(nats_url, tmp_path / "backup", break_off, demo=True, replace=True)
    await restore(nats_url, tmp_path / "backup", quiet, demo=True)
    assert await command(bus, 77) == ROOM + later
    assert len(await messages(bus, streams.COMMANDS)) == QUEUED + 1


class Late(BytesIO):
    """A file before whose first chunk something happens."""

    def __init__(self, content: bytes, happens: Callable[[], None]) -> None:
        super().__init__(content)
        self.happens = happens

    def read(self, size: int | None = -1) -> bytes:
        """Have it happen before the first bytes."""
        if self.tell() == 0:
            self.happens()
        return super().read(size)


@pytest.mark.parametrize("name", [streams.COMMANDS, streams.EVENTS])
@pytest.mark.parametrize("has_begun", [False, True])
async def test_a_stream_that_a_restore_before_made_late(
    bus: Bus, nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, has_begun: bool
) -> None:
    """Given a stream that is there again once its turn has come, or after that, then it is replaced."""
    await back_up(nats_url, tmp_path / "backup", quiet)
    before = (await whole(bus))[streams.EVENTS]
    made: list[str] = []

    async def under(
        client: Client, config: Mapping[str, Any], state: Mapping[str, Any], file: BinaryIO, written: Written
    ) -> dict[str, Any]:
        content = file.read()

        async def make() -> None:
            async with connect(nats_url, "restore before") as other:
                await restore_stream(other.nc, config, state, BytesIO(content), lambda _done: None)
            made.append(name)

        def meanwhile() -> None:
            if config["name"] == name and not made:
                thread = Thread(target=asyncio.run, args=(make(),))
                thread.start()
                thread.join()

        if not has_begun:
            meanwhile()
        return await restore_stream(client, config, state, Late(content, meanwhile), written)

    monkeypatch.setattr("metarr_local.restore.restore_stream", under)
    await restore(nats_url, tmp_path / "backup", quiet, demo=True, replace=True)
    assert made == [name]
    assert (await whole(bus))[streams.EVENTS] == before
    assert len(await messages(bus, streams.COMMANDS)) == QUEUED
    await verify(bus, demo=True)


@pytest.mark.parametrize("where", ["Restoring METARR_COMMANDS", "Restoring METARR_EVENTS"])
async def test_a_server_that_is_killed_under_a_restore(
    bus: Bus, nats_server: EmbeddedNats, tmp_path: Path, where: str
) -> None:
    """Given a server that is killed while it is restored, then that is told; repeated, all of it is there."""
    await back_up(nats_server.url, tmp_path / "backup", quiet)
    before = await whole(bus)
    killing: list[asyncio.Task[None]] = []

    def kill(what: str, _done: int) -> None:
        if what == where and not killing:
            killing.append(asyncio.create_task(nats_server.kill()))

    with pytest.raises(LocalError):
        await restore(nats_server.url, tmp_path / "backup", kill, demo=True, replace=True)
    await asyncio.gather(*killing)
    await nats_server.start()
    await restore(nats_server.url, tmp_path / "backup", quiet, demo=True)
    async with connect(nats_server.url, "test") as again:
        after = await whole(again)
        after["KV_METARR_META"] = _without_job_ids(after["KV_METARR_META"])
        assert after == before
        await verify(again, demo=True)


async def test_an_answer_that_cannot_come_any_more_is_not_waited_for(nats_server: EmbeddedNats) -> None:
    """Given a question for which hours are allowed, when the server is killed, then that is told at once."""
    async with connect(nats_server.url, "test") as bus:
        asked = asyncio.Event()

        async def hear(_message: Msg) -> None:
            asked.set()

        await bus.listen("question", hear)

        async def kill() -> None:
            await asked.wait()
            await nats_server.kill()

        killing = asyncio.create_task(kill())
        with pytest.raises(LocalError, match="The connection to NATS was lost"):
            async with asyncio.timeout(SECONDS), open_bus(nats_server.url, None) as asking:
                await asking.nc.request("question", timeout=3_600)
        await killing


@pytest.mark.usefixtures("bus")
async def test_what_the_server_does_not_take_is_told(nats_url: str, other_url: str, tmp_path: Path) -> None:
    """Given a file that is no copy although its checksum is right, then the server's own reason is told."""
    folder = tmp_path / "backup"
    await back_up(nats_url, folder, quiet)
    file, manifest = folder / "METARR_EVENTS.tar.s2", json.loads((folder / MANIFEST).read_bytes())
    file.write_bytes(file.read_bytes()[:-60])
    said = next(copied for copied in manifest["streams"] if copied["name"] == streams.EVENTS)
    said |= {"size": file.stat().st_size, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    read_backup(folder, quiet)
    with pytest.raises(LocalError, match="METARR_EVENTS"):
        await restore(other_url, folder, quiet, demo=True)
    # Another backup takes its place, without another word.
    await back_up(nats_url, tmp_path / "good", quiet)
    await restore(other_url, tmp_path / "good", quiet, demo=True)
    async with connect(other_url, "test") as other:
        await verify(other, demo=True)


async def test_a_backup_of_nothing(nats_url: str, tmp_path: Path) -> None:
    """A bus without Metarr is no library that is empty."""
    with pytest.raises(LocalError, match="There is no Metarr on this bus"):
        await back_up(nats_url, tmp_path / "backup", quiet)
    assert list(tmp_path.iterdir()) == []


async def test_a_server_that_goes_leaves_no_backup(server_folder: Path, tmp_path: Path) -> None:
    """Given a server that is killed in the middle of a copy, then it is told, and there is no folder."""
    async with EmbeddedNats(server_folder / "dying") as server:
        await setup(server.url, demo=True)
        async with connect(server.url, "test") as bus:
            await (await bus.js.object_store(streams.UPLOADS)).put("rows", os.urandom(20_000_000))
        killing: list[asyncio.Task[None]] = []

        def kill(what: str, _done: int) -> None:
            if what == f"Copying OBJ_{streams.UPLOADS}" and not killing:
                killing.append(asyncio.create_task(server.kill()))

        with pytest.raises(LocalError):
            await back_up(server.url, tmp_path / "backup", kill)
        await asyncio.gather(*killing)
    assert list(tmp_path.iterdir()) == []


async def test_a_queue_that_was_lost(bus: Bus, nats_url: str) -> None:
    """Given events and no queue, when the bus is set up, then ids go on above all; again and again."""
    last = await command(bus, 77)
    for _ in range(2):
        await bus.api(f"STREAM.DELETE.{streams.COMMANDS}")
        await setup(nats_url, demo=True)
        await verify(bus, demo=True)
        new = await command(bus, 77)
        assert new > last + ROOM
        last = new
    assert await delivered(bus, 1) == [last]


async def test_a_new_bus_begins_with_the_first_job(nats_url: str) -> None:
    """Without events nothing was lost."""
    await setup(nats_url, demo=True)
    async with connect(nats_url, "test") as bus:
        assert await command(bus, 1) == 1


def test_the_command_line(
    server_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given a Metarr of this machine that does not run, then its bus runs for as long as the command needs it."""
    for name in [name for name in os.environ if name.startswith("METARR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("METARR_NATS_PORT", str(free_port()))
    monkeypatch.setenv("METARR_DATA_DIR", str(server_folder))

    def said(*arguments: str, code: int = 0) -> str:
        assert main(arguments) == code
        out, error = capsys.readouterr()
        return out + error

    folder = str(tmp_path / "backup")
    assert "There is no Metarr" in said("backup", folder, code=1)
    _run_on(server_folder, setup_demo)
    assert "holds 0 events and 0 waiting commands of demo data" in said("backup", folder)
    assert "is not empty" in said("backup", folder, code=1)
    assert "With --replace" in said("restore", folder, code=1)
    assert "Restored 0 events" in said("restore", folder, "--replace")
    monkeypatch.setenv("METARR_TMDB_KEY", "a-real-key")
    assert "The backup does not fit the settings" in said("restore", folder, code=1)
    assert "no backup" in said("restore", str(tmp_path), code=1)


async def setup_demo(url: str) -> None:
    """Set a demo up."""
    await setup(url, demo=True)


def _run_on(data: Path, what: Callable[[str], Any]) -> None:
    async def work() -> None:
        async with EmbeddedNats(data / "demo" / "nats") as server:
            await what(server.url)

    asyncio.run(work())
