"""What is kept of a provider's request rate in METARR_RATES: one key a provider, the same for all replicas."""

from datetime import date

from pydantic import Field

from metarr_contracts.base import Value

MANUAL_REFRESHES = "manual-refreshes"
MANUAL_BULK_STARTS = "manual-bulk-starts"
"""Keys of what people start through the gateway; those of providers are their names."""


class Booked(Value):
    """When the next request may go out, and how many went out on the last day that had any."""

    next_free: float = Field(default=0.0, description="Seconds since 1970, system time")
    day: date | None = Field(default=None, description="UTC, by the product's clock")
    requests: int = Field(default=0, description="Requests on that day")

    def on(self, day: date) -> int:
        """Requests on this day."""
        return self.requests if self.day == day else 0
