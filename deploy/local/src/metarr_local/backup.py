"""`metarr backup`: copies everything that Metarr knows into a folder, while it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import nats.errors
import nats.js.errors

from metarr_chassis.bus import Bus
from metarr_chassis.errors import ChassisError
from metarr_chassis.topology import read_store
from metarr_contracts import streams
from metarr_contracts.store import Store
from metarr_local.backup_folder import HashedFile, Told, new_file, new_folder
from metarr_local.backup_manifest import FORMAT, MANIFEST, ORDER, CopiedStream, Manifest, file_name
from metarr_local.bus import connected
from metarr_local.errors import LocalError, reason
from metarr_local.snapshots import copy_stream


async def back_up(nats_url: str, folder: Path, told: Told, ca_file: Path | None = None) -> Manifest:
    """Copy all streams into a new folder, in the order and for the reasons that `backup_manifest` names.

    Raises LocalError when that is not possible; then there is no such folder.
    """
    async with open_bus(nats_url, ca_file) as bus:
        store = await _require_store(bus)
        with new_folder(folder) as filling:
            taken_at = datetime.now(UTC)
            events_before = (await bus.stream_state(streams.EVENTS)).last_seq
            manifest = Manifest(
                format=FORMAT,
                metarr_version=version("metarr-local"),
                taken_at=taken_at,
                store=store,
                events_before=events_before,
                streams=[await _copy(bus, name, filling, told) for name in ORDER],
            )
            with new_file(filling / MANIFEST) as file:
                file.write(manifest.model_dump_json(by_alias=True, indent=2).encode() + b"\n")
        return manifest


@asynccontextmanager
async def open_bus(nats_url: str, ca_file: Path | None) -> AsyncIterator[Bus]:
    """A connection that is not made again when it is lost; what goes wrong on it is a LocalError."""
    async with connected(nats_url, ca_file) as client:
        try:
            yield Bus(client, client.jetstream(), lambda _: open_bus(nats_url, ca_file))
        except (ChassisError, nats.errors.Error, nats.js.errors.Error) as error:
            raise LocalError(f"The bus: {reason(error)}") from error


async def _require_store(bus: Bus) -> Store:
    try:
        await bus.stream_state(streams.RESTORE)
    except nats.js.errors.NotFoundError:
        pass
    else:
        raise LocalError("A restore was not brought to its end: there is nothing whole to back up.")
    try:
        store = await read_store(bus)
    except nats.js.errors.NotFoundError:
        store = None
    if store is None:
        raise LocalError("There is no Metarr on this bus.")
    return store


async def _copy(bus: Bus, name: str, folder: Path, told: Told) -> CopiedStream:
    with new_file(folder / file_name(name)) as file:
        said = await copy_stream(bus.nc, name, partial(_write, file, name, told))
    return CopiedStream(name=name, file=file_name(name), size=file.size, sha256=file.sha256, **said)


def _write(file: HashedFile, name: str, told: Told, data: bytes) -> None:
    file.write(data)
    told(f"Copying {name}", file.size)
