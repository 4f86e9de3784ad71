"""What operators ask of the projector at work."""

import json
from typing import Protocol

import asyncpg
import structlog

from metarr_chassis.errors import RefusedError
from metarr_chassis.micro import Endpoint
from metarr_contracts import subjects

log = structlog.get_logger()


class Rebuildable(Protocol):
    """Something whose rows can be made anew."""

    async def rebuild(self) -> tuple[int, float]:
        """Do it; how many events it took, and how many seconds."""
        ...


def endpoints(active: Rebuildable) -> list[Endpoint]:
    """The subjects that only the projector at work answers."""

    async def rebuild(_payload: bytes) -> bytes:
        try:
            events, seconds = await active.rebuild()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("rebuild failed", error=repr(error))
            raise RefusedError(500, "Database error", "database_error") from error
        return json.dumps({"success": True, "data": {"events": events, "seconds": seconds}}).encode()

    return [Endpoint("rebuild", subjects.REBUILD, rebuild)]
