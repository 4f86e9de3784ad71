"""When to ask again: what the provider says, else a random wait that grows."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BASE_SECONDS = 0.5
CAP_SECONDS = 8.0
RETRIES = 2
SECONDS = re.compile(r"\d{1,7}(\.\d{1,6})?", re.ASCII)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by `Retry-After` (header names in lower case); None where it says nothing.

    A date is compared with the `Date` of the same response: both come from the provider's clock, ours may differ.
    """
    said = headers.get("retry-after", "").strip()
    if SECONDS.fullmatch(said):
        return float(said)
    until, now = _moment(said), _moment(headers.get("date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _moment(text: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def backoff(attempt: int, chance: float) -> float:
    """Seconds before retry number `attempt` (from 0): full jitter, with `chance` from 0 up to 1."""
    return chance * min(CAP_SECONDS, BASE_SECONDS * (1 << attempt))
