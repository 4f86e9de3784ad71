"""The projection for ever: takes its turn, projects, and starts again after whatever went wrong."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import asyncpg
import nats.errors
import structlog

from metarr_chassis.bus import Bus
from metarr_chassis.errors import ChassisError
from metarr_chassis.health import Readiness
from metarr_chassis.micro import serve
from metarr_projector.active import Active
from metarr_projector.cancelling import end_if_cancelled
from metarr_projector.errors import ProjectorError
from metarr_projector.metrics import ACTIVE, FAILURES
from metarr_projector.operations import endpoints
from metarr_projector.position import Position
from metarr_projector.schema import require_version
from metarr_projector.writer import prepare

log = structlog.get_logger()

PART = "projector"
PROJECTOR_LOCK = 0x6D657461_72720002
TURN_SECONDS = 0.5
"""How often a waiting replica asks whether it is its turn."""
CONNECT_SECONDS = 2.0
COMMAND_SECONDS = 15.0
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
KEEPALIVE = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
"""The server notices after 25 s that a projector's machine is gone, and another one gets its turn."""
EXPECTED = (
    ProjectorError,
    ChassisError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a server that is killed during a commit leaves a transaction of unknown state
    nats.errors.Error,
    OSError,
)


class Projection:
    """One replica's part in the projection; many wait, one is at work."""

    def __init__(self, bus: Bus, database_url: str, position: Position, readiness: Readiness) -> None:
        self._bus = bus
        self._database_url = database_url
        self._position = position
        self._readiness = readiness
        self._pause = FIRST_PAUSE
        self._state = ""
        readiness.set(PART, ready=False)

    async def run(self) -> None:
        """Project until cancelled."""
        while True:
            end_if_cancelled()
            try:
                await self._turn()
            except EXPECTED as error:
                self._fails(error)
            except Exception as error:  # a fault of ours must not end the projection in silence
                log.exception("projection failed")
                self._fails(error)
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)

    async def _turn(self) -> None:
        async with _connection(self._database_url) as connection:
            await require_version(connection)
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", PROJECTOR_LOCK):
                end_if_cancelled()
                self._position.lose()
                self._works("waiting: another projector is at work")
                await asyncio.sleep(TURN_SECONDS)
            # Setup may have been run while we waited.
            await require_version(connection)
            await prepare(connection)
            active = Active(self._bus, connection, self._position)
            ACTIVE.set(1)
            try:
                await active.start(self._rebuilds)
                async with serve(self._bus, "projector-operations", "Rebuilds read models", endpoints(active)):
                    self._works("projecting")
                    await active.run()
            finally:
                self._position.projecting = False
                ACTIVE.set(0)

    def _works(self, state: str) -> None:
        self._pause = FIRST_PAUSE
        self._readiness.set(PART, ready=True)
        self._say(state)

    def _rebuilds(self, why: str | None) -> None:
        self._readiness.set(PART, ready=False, why="read models are being made")
        if why is None:
            log.info("read models are made")
        else:
            log.warning("read models are made anew", why=why)

    def _fails(self, error: Exception) -> None:
        FAILURES.inc()
        why = f"{type(error).__name__}: {error}"
        self._readiness.set(PART, ready=False, why=why)
        self._say(why, logging.WARNING)

    def _say(self, state: str, level: int = logging.INFO) -> None:
        if state != self._state:
            log.log(level, "projection", state=state)
        self._state = state


@contextlib.asynccontextmanager
async def _connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(
        url, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS, server_settings=KEEPALIVE
    )
    try:
        yield connection
    finally:
        # Not close(): a server that hangs would keep us, and there is nothing to say to it.
        connection.terminate()
