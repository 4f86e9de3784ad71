"""What a provider was asked: counts by kind, status and external id, and the last requests in order."""

from collections import Counter, deque
from dataclasses import dataclass, field
from time import time
from typing import Any

MOST_IDS = 200_000
"""External ids counted one by one; requests for further ones are only counted in ``idsNotCounted``."""
LOG_LENGTH = 2_000
_LONGEST_ID = 300


@dataclass(slots=True)
class Counts:
    """The counts of one provider since start or reset.

    ``by_id`` counts every request, ``answered_by_id`` those that got what the provider knows, be it that it knows
    nothing: no refused key, no limit, no fault, and a client that was still there.
    """

    requests: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    by_status: Counter[str] = field(default_factory=Counter)
    by_id: Counter[str] = field(default_factory=Counter)
    answered_by_id: Counter[str] = field(default_factory=Counter)
    ids_not_counted: int = 0
    peak_per_second: int = 0
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))
    _second: deque[float] = field(default_factory=deque)

    def arrived(self, kind: str, external_id: str, at: str, monotonic: float) -> dict[str, Any]:
        """Count a request; the returned log entry has no ``status`` until ``ended``."""
        external_id = external_id[:_LONGEST_ID]
        self.requests += 1
        self.by_kind[kind] += 1
        if external_id:
            self._count_id(external_id)
        self._second.append(monotonic)
        while self._second[0] <= monotonic - 1:
            self._second.popleft()
        self.peak_per_second = max(self.peak_per_second, len(self._second))
        entry = {"at": at, "realTime": time(), "kind": kind, "id": external_id, "status": None}
        self.log.append(entry)
        return entry

    def _count_id(self, external_id: str) -> None:
        if external_id in self.by_id or len(self.by_id) < MOST_IDS:
            self.by_id[external_id] += 1
        else:
            self.ids_not_counted += 1

    def ended(self, entry: dict[str, Any], status: int, fault: str | None, *, answered: bool) -> None:
        """Note how a request ended: its status, 0 if none was sent, and the fault that was played."""
        entry["status"] = status
        if fault:
            entry["fault"] = fault
        if answered and entry["id"] in self.by_id:
            self.answered_by_id[entry["id"]] += 1
        self.by_status[str(status)] += 1

    def shown(self, log: int) -> dict[str, Any]:
        """The counts as the control endpoint shows them, with the last ``log`` requests, oldest first."""
        return {
            "requests": self.requests,
            "byKind": dict(self.by_kind),
            "byStatus": dict(self.by_status),
            "byId": dict(self.by_id),
            "answeredById": dict(self.answered_by_id),
            "idsNotCounted": self.ids_not_counted,
            "peakPerSecond": self.peak_per_second,
            "log": list(self.log)[-log:] if log else [],
        }
