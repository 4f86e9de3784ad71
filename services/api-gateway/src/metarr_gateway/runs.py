"""What the read models say of runs over the whole library."""

import contextlib

from pydantic import ValidationError

from metarr_chassis.errors import RefusedError
from metarr_contracts.readmodels import BulkStatus, Query
from metarr_gateway.errors import ApiError
from metarr_gateway.queries import QUERY_SECONDS, Queries

ESTIMATE_PATIENCE_SECONDS = 1.0
"""A run starts without the read models: what it will take is not worth a longer wait."""
FIRST_ESTIMATE_SECONDS = 60


class Runs:
    """The present state of runs, and the last estimate that this process has seen."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._estimate = FIRST_ESTIMATE_SECONDS

    async def status(self, patience: float = QUERY_SECONDS) -> BulkStatus:
        """The last run, the next one, the present one.

        Raises:
            ApiError: nobody answered.
            metarr_chassis.errors.RefusedError: the database is away.
        """
        status = BulkStatus.model_validate_json(await self._queries.ask("bulk.status", Query(), patience))
        self._estimate = status.estimated_duration
        return status

    async def estimate(self) -> int:
        """Seconds that a run started now would take; where the read models do not say, what was last said."""
        with contextlib.suppress(ApiError, RefusedError, ValidationError):
            await self.status(ESTIMATE_PATIENCE_SECONDS)
        return self._estimate
