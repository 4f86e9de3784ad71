"""Counts what was refused for a limit, and logs it seldom: who floods the gateway does not flood its log."""

from time import monotonic

import structlog

from metarr_gateway import metrics

log = structlog.get_logger()

SAID_EVERY_SECONDS = 10.0


class Refusals:
    """Of this process."""

    def __init__(self) -> None:
        self._said_at = -SAID_EVERY_SECONDS
        self._unsaid = 0

    def add(self, code: str, client: str, status: int, method: str = metrics.OTHER) -> None:
        """A client was refused."""
        metrics.refused(method, status)
        self._unsaid += 1
        now = monotonic()
        if now - self._said_at >= SAID_EVERY_SECONDS:
            log.warning("client over its limit", code=code, client=client, refused=self._unsaid)
            self._said_at, self._unsaid = now, 0
