"""`metarr restore`: makes the bus what it was when a backup was taken.

METARR_RESTORE is there from before the first stream is removed until the last one is restored; while it is, no service
starts, no setup is carried out, and a restore that is repeated needs no further permission. Its one message has the
sequence that job ids go on from: what was known of the ids of a queue that is removed outlives a restore that breaks
off.

**How the queue gets there.** Commands that wait in the queue keep their sequences, which are job ids that events and
people know, and the next command needs one far above. Only a mirror may leave sequences out: the queue is restored as a
mirror of METARR_RESTORE, takes its one message over with its sequence, is made an ordinary stream again, and the
message is purged. While it is a mirror it takes no command, so none comes in between (see ADR 0011).
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar
from uuid import uuid4

import nats.errors
import nats.js.errors

from metarr_chassis.bus import RESTORED, Bus
from metarr_chassis.errors import ChassisError, TopologyError
from metarr_chassis.event_store import EventStore, NewEvent
from metarr_chassis.job_ids import after_restore
from metarr_chassis.topology import keep_job_ids, read_store, refuse_other_kind, setup
from metarr_contracts import streams, subjects
from metarr_contracts.events import CancelRequested, ImportFailed, ImportProgressed
from metarr_contracts.streams import ALL_STREAMS
from metarr_local.at_work import services_at_work
from metarr_local.backup import open_bus
from metarr_local.backup_folder import Told, read_backup
from metarr_local.backup_manifest import CopiedStream, Manifest
from metarr_local.errors import LocalError, StreamTakenError, reason
from metarr_local.snapshots import restore_stream
from metarr_local.waiting import comes_true

META = f"KV_{streams.META}"
MIRROR_SECONDS = 60.0
KNOWN_SECONDS = 30.0
AGAIN_SECONDS = 0.1
LOST_IMPORT = "The import was begun while a backup was taken, and that was restored: import the file again"

T = TypeVar("T")


async def restore(
    nats_url: str,
    folder: Path,
    told: Told,
    *,
    demo: bool,
    replicas: int | None = None,
    replace: bool = False,
    ca_file: Path | None = None,
) -> Manifest:
    """Put a backup onto a bus on which no Metarr is at work; with `replace` in the place of the one that is there.

    Raises LocalError with what is wrong, before anything is changed, or with what kept it from its end; then it can be
    repeated.
    """
    manifest = read_backup(folder, told)
    async with open_bus(nats_url, ca_file) as bus:
        try:
            refuse_other_kind(manifest.store, demo=demo)
        except TopologyError as error:
            raise LocalError(f"The backup does not fit the settings: {reason(error)}.") from None
        await _require_permission(bus, demo=demo, replace=replace)
        last_id = await _mark(bus, await _first_id(bus, manifest) - 1)
        for name in ALL_STREAMS:
            await _remove(bus, name)
        await _put_back(bus, manifest, folder, told, last_id)
        await _remove(bus, streams.RESTORE)
    copies = replicas or int(manifest.stream(streams.EVENTS).config["num_replicas"])
    try:
        # Consumers, what the backup leaves out, what newer versions define in another way.
        await setup(nats_url, demo=demo, replicas=copies, ca_file=ca_file)
    except (ChassisError, nats.errors.Error, OSError) as error:
        raise LocalError(f"All is restored, but has to be set up: {reason(error)}. Then run: metarr setup") from error
    return manifest


async def _require_permission(bus: Bus, *, demo: bool, replace: bool) -> None:
    if at_work := await services_at_work(bus):
        raise LocalError(f"Metarr is at work on this bus ({', '.join(at_work)}). Stop it first.")
    has_begun = await _state(bus, streams.RESTORE) is not None
    found = [] if has_begun or replace else [name for name in ALL_STREAMS if await _state(bus, name) is not None]
    if found:
        raise LocalError(
            f"There is a Metarr on this bus already ({', '.join(found)}). With --replace it is removed for good."
        )
    if await _state(bus, META) is not None and (store := await read_store(bus)) is not None:
        try:
            refuse_other_kind(store, demo=demo)
        except TopologyError as error:
            raise LocalError(f"The bus does not fit the settings: {reason(error)}.") from None


async def _first_id(bus: Bus, manifest: Manifest) -> int:
    """The first job id after the restore, above all that were ever given out."""
    seconds = (datetime.now(UTC) - manifest.taken_at).total_seconds()
    first = after_restore(manifest.stream(streams.COMMANDS).last_seq, seconds)
    queue = await _state(bus, streams.COMMANDS)
    return max(first, int(queue["last_seq"]) + 1) if queue else first


async def _mark(bus: Bus, last_id: int) -> int:
    """Say that a restore goes on; the sequence that job ids go on from, not lower than `last_id`."""
    state = await _state(bus, streams.RESTORE)
    if state is None:
        config = {"name": streams.RESTORE, "subjects": [subjects.RESTORE], "storage": "file", "first_seq": last_id}
        await bus.api(f"STREAM.CREATE.{streams.RESTORE}", json.dumps(config).encode())
    elif state["messages"] and state["last_seq"] >= last_id:
        return int(state["last_seq"])
    elif state["last_seq"] < last_id:
        await bus.api(f"STREAM.PURGE.{streams.RESTORE}", json.dumps({"seq": last_id}).encode())
    return int((await _when_known(lambda: bus.js.publish(subjects.RESTORE, b""))).seq)


async def _put_back(bus: Bus, manifest: Manifest, folder: Path, told: Told, last_id: int) -> None:
    queue, mark = manifest.stream(streams.COMMANDS), {RESTORED: uuid4().hex}
    # A queue that was lost once was made anew with a first sequence, which no mirror may have; the copy knows its own.
    queue_config = _without(queue.config, "first_seq")
    restored = await _restore_stream(bus, queue, _as_mirror(queue_config), folder, told)
    for copied in manifest.streams:
        if copied is not queue:
            await _restore_stream(bus, copied, _single(copied.config, mark), folder, told)
    await _end_lost_imports(bus, restored["last_seq"], manifest.events_before)
    await _when_known(lambda: keep_job_ids(bus, last_id))
    await _skip_to(bus, last_id)
    await bus.api(f"STREAM.UPDATE.{queue.name}", json.dumps(_single(queue_config, mark)).encode())
    await bus.api(f"STREAM.PURGE.{queue.name}", json.dumps({"filter": subjects.RESTORE}).encode())


async def _restore_stream(
    bus: Bus, copied: CopiedStream, config: Mapping[str, Any], folder: Path, told: Told
) -> dict[str, Any]:
    written, until = partial(told, f"Restoring {copied.name}"), monotonic() + KNOWN_SECONDS
    state: dict[str, Any] | None = None
    while state is None:
        try:
            with (folder / copied.file).open("rb") as file:
                state = await restore_stream(bus.nc, config, copied.state, file, written)
        except StreamTakenError:
            # What a restore that broke off has sent, the server may make a stream of after that was removed.
            if monotonic() > until:
                raise
            await _remove(bus, copied.name)
    if state["last_seq"] < copied.last_seq:
        raise LocalError(f"{copied.name} ends at {state['last_seq']} and not at {copied.last_seq}: it is not whole.")
    return state


def _single(config: Mapping[str, Any], mark: Mapping[str, str]) -> dict[str, Any]:
    """Marked as another stream than before; with one copy, which every bus can have: setup makes the others."""
    return {**config, "num_replicas": 1, "metadata": {**(config.get("metadata") or {}), **mark}}


def _without(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {setting: value for setting, value in config.items() if setting != name}


def _as_mirror(config: Mapping[str, Any]) -> dict[str, Any]:
    return {**_without(config, "subjects"), "num_replicas": 1, "mirror": {"name": streams.RESTORE}}


async def _skip_to(bus: Bus, last_id: int) -> None:
    """Wait until the queue, which is a mirror now, has gone on to this sequence."""

    async def is_there() -> bool:
        return (await bus.stream_state(streams.COMMANDS)).last_seq >= last_id

    if not await comes_true(is_there, MIRROR_SECONDS):
        raise LocalError(f"{streams.COMMANDS} did not go on to sequence {last_id}. Repeat the restore.")


async def _end_lost_imports(bus: Bus, last_id: int, events_before: int) -> None:
    """End imports that began after the queue was copied: their commands are not in the backup."""
    store = EventStore(bus, "restore")
    begun: dict[int, int] = {}
    async for recorded in store.read(subjects.JOB_EVENTS, events_before):
        match recorded.body:
            case ImportProgressed(job_id=job_id) | CancelRequested(job_id=job_id) if job_id > last_id:
                begun[job_id] = recorded.seq
            case body:
                begun.pop(getattr(body, "job_id", 0), None)
    for job_id, version in begun.items():
        now = datetime.now(UTC)
        failed = ImportFailed(job_id=job_id, error=LOST_IMPORT, completed_at=now)
        await store.append(subjects.job_event(job_id), NewEvent(uuid4().hex, failed, now), version)


async def _when_known(write: Callable[[], Awaitable[T]]) -> T:
    """Write into a stream that was made just now: our server of a cluster may hear of its subjects a moment later."""
    until = monotonic() + KNOWN_SECONDS
    while True:
        try:
            return await write()
        except nats.js.errors.NoStreamResponseError:
            if monotonic() > until:
                raise
        await asyncio.sleep(AGAIN_SECONDS)


async def _state(bus: Bus, name: str) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = (await bus.api(f"STREAM.INFO.{name}"))["state"]
    except nats.js.errors.NotFoundError:
        return None
    return state


async def _remove(bus: Bus, name: str) -> None:
    # Not asked before whether it is there: one that a broken restore has begun is known to a cluster by its name alone.
    with contextlib.suppress(nats.js.errors.NotFoundError):
        await bus.api(f"STREAM.DELETE.{name}")
