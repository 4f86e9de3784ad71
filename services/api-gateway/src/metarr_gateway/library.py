"""Asks the enricher to change the library."""

from collections.abc import Mapping
from typing import TypeVar

from metarr_chassis.bus import Bus
from metarr_contracts import subjects
from metarr_contracts.base import Request, Value

VERB_SECONDS = 10.0
PATIENCE_SECONDS: Mapping[str, float] = {"import": 60.0, "resume": 25.0}
"""200 rows take a while on a busy machine; a provider that is tested may be slow to answer."""

V = TypeVar("V", bound=Value)


class Library:
    """The enricher's short commands."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def carry_out(self, verb: str, request: Request, reply: type[V]) -> V:
        """What became of it.

        Raises:
            metarr_chassis.errors.RefusedError: it was not carried out.
            metarr_chassis.errors.BusUnavailableError: nobody answered.
        """
        patience = PATIENCE_SECONDS.get(verb, VERB_SECONDS)
        return reply.model_validate_json(await self._bus.request(subjects.library(verb), request.to_json(), patience))
