"""How many requests a day a provider answers: learned when they are used up, and forgotten after a while. Pure."""

from datetime import datetime, timedelta

from metarr_contracts.base import Utc, Value

KNOWN_FOR = timedelta(days=7)
"""Then the limit has to be met again: it may have become another one, or what was seen was only a part of it."""


class MetQuota(Value):
    """A daily quota as it was met."""

    requests: int
    at: Utc


def learn(known: MetQuota | None, met: MetQuota) -> MetQuota:
    """What counts from now on: the larger one while it is known, for a provider's day may begin within ours."""
    if known is None or met.requests >= known.requests or _is_over(known, met.at):
        return met
    return known


def requests_a_day(known: MetQuota | None, now: datetime) -> int | None:
    """What the quota is worth; None: not known, or no longer."""
    return None if known is None or _is_over(known, now) else known.requests


def _is_over(known: MetQuota, now: datetime) -> bool:
    return now - known.at >= KNOWN_FOR
