"""Which store this is: kept in METARR_META, and named by each backup."""

from typing import Literal

from metarr_contracts.base import Utc, Value


class Store(Value):
    """Which store this is. Demo data and a person's own never meet."""

    kind: Literal["demo", "real"]
    id: str
    created_at: Utc
