"""What operators ask of the projector at work."""

import json
from typing import Protocol

from metarr_chassis.micro import Endpoint
from metarr_contracts import subjects


class Rebuildable(Protocol):
    """Something whose rows can be made anew."""

    async def rebuild(self) -> tuple[int, float]:
        """Do it; how many events it took, and how many seconds."""
        ...


def endpoints(active: Rebuildable) -> list[Endpoint]:
    """The subjects that only the projector at work answers."""

    async def rebuild(_payload: bytes) -> bytes:
        events, seconds = await active.rebuild()
        return json.dumps({"success": True, "data": {"events": events, "seconds": seconds}}).encode()

    return [Endpoint("rebuild", subjects.REBUILD, rebuild)]
