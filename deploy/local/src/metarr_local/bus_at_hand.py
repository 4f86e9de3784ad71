"""The bus for a command that needs no service: one that runs, or the embedded one of a Metarr that does not run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.folder_lock import folder_lock
from metarr_local.nats_users import bus_url, nats_passwords
from metarr_local.ports import LOOPBACK, is_free
from metarr_local.settings import BackupSettings


@asynccontextmanager
async def bus_at_hand(settings: BackupSettings) -> AsyncIterator[str]:
    """The bus's address, for who may do everything; an embedded one that is not there runs while the context is open.

    Raises FolderInUseError while `metarr run` starts or ends.
    """
    if settings.bus_is_given or not is_free(settings.nats_port, LOOPBACK):
        yield bus_url(settings, "setup")
        return
    settings.folder.mkdir(parents=True, exist_ok=True)
    async with (
        folder_lock(settings.data_dir.absolute(), "a `metarr run`"),
        EmbeddedNats(settings.folder / "nats", settings.nats_port, nats_passwords(settings.data_dir)) as server,
    ):
        yield server.url
