"""Asks the read models."""

from metarr_chassis.bus import Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import subjects
from metarr_contracts.readmodels import Query
from metarr_gateway.errors import KINDS, ApiError
from metarr_gateway.shared_questions import SharedQuestions

QUERY_SECONDS = 5.0
"""More than the two seconds for which `after` may wait and the two that a read may take: the projector knows best what
keeps it."""


class Queries:
    """The projector's queries."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._shared = SharedQuestions(self._put)

    async def ask(self, name: str, query: Query, patience: float = QUERY_SECONDS) -> bytes:
        """The read model as JSON, waited for at most `patience` seconds.

        Raises:
            ApiError: nobody answered.
            metarr_chassis.errors.RefusedError: there is no such film or job, or the database is away.
        """
        question = query.model_dump_json(by_alias=True, exclude_unset=True).encode()
        try:
            return await self._shared.ask((subjects.query(name), question), patience)
        except BusUnavailableError as error:
            # Existing clients know one sentence for "the figures cannot be read".
            code = "projector_unavailable" if self._bus.nc.is_connected else "bus_unavailable"
            raise ApiError(code, KINDS["database_error"].error) from error

    async def _put(self, question: tuple[str, bytes], patience: float) -> bytes:
        return await self._bus.request(*question, patience)
