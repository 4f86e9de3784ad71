"""Asks the read models."""

from metarr_chassis.bus import Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import subjects
from metarr_contracts.readmodels import Query
from metarr_gateway.errors import KINDS, ApiError

QUERY_SECONDS = 3.0
"""More than the two seconds for which `after` may wait."""


class Queries:
    """The projector's queries."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def ask(self, name: str, query: Query, patience: float = QUERY_SECONDS) -> bytes:
        """The read model as JSON, waited for at most `patience` seconds.

        Raises:
            ApiError: nobody answered.
            metarr_chassis.errors.RefusedError: there is no such film or job, or the database is away.
        """
        question = query.model_dump_json(by_alias=True, exclude_unset=True).encode()
        try:
            return await self._bus.request(subjects.query(name), question, patience)
        except BusUnavailableError as error:
            # Existing clients know one sentence for "the figures cannot be read".
            code = "projector_unavailable" if self._bus.nc.is_connected else "bus_unavailable"
            raise ApiError(code, KINDS["database_error"].error) from error
