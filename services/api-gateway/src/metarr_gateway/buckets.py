"""How often something may happen: a bucket that fills at a rate, one per client in bounded memory. Pure.

The generic cell rate algorithm, https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

MAX_CLIENTS = 10_000


@dataclass(frozen=True)
class Pace:
    """`burst` at once, and `per_second` in the long run."""

    per_second: float
    burst: float


class Bucket:
    """Full at first. Times are seconds of a monotonic clock."""

    __slots__ = ("_full_at", "_pace")

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._full_at = -math.inf

    def take(self, now: float) -> float:
        """Take one: 0 where there was one, else the seconds until there is. What is refused takes nothing."""
        interval = 1 / self._pace.per_second
        full_at = max(self._full_at, now) + interval
        wait = full_at - now - max(self._pace.burst, 1) * interval
        # Sums of floats are not exact: a wait of less than a part of the interval is none.
        if wait > interval * 1e-6:
            return wait
        self._full_at = full_at
        return 0.0


class Buckets:
    """A bucket for each client, of the clients that came last.

    Who comes with many addresses pushes others out, and they begin anew with a full bucket: nobody is refused for it.
    """

    def __init__(self, pace: Pace, most: int = MAX_CLIENTS) -> None:
        self._pace = pace
        self._most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, client: str, now: float) -> float:
        """Take one of this client's, as `Bucket.take`."""
        bucket = self._buckets.setdefault(client, Bucket(self._pace))
        self._buckets.move_to_end(client)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket.take(now)
