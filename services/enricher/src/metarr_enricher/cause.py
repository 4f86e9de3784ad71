"""What caused a decision. Event ids derive from it, so a repeated command makes the same messages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from metarr_chassis.event_store import NewEvent
from metarr_contracts.base import Value
from metarr_contracts.registry import type_of

NAMESPACE = UUID("6d657461-7272-4000-8000-656e72696368")


@dataclass(frozen=True)
class Cause:
    """A command: its id, and the id of what it belongs to."""

    id: str
    correlation_id: str | None = None

    def message_id(self, *parts: str) -> str:
        """The id of a message that this command leads to."""
        return str(uuid5(NAMESPACE, "/".join((self.id, *parts))))

    def event(self, subject: str, version: int, body: Value, now: datetime) -> NewEvent:
        """The fact as it is appended to this subject after this version.

        A command that says the same again later says another fact: the server drops what it takes for a repetition.
        """
        return NewEvent(
            id=self.message_id(subject, type_of(body), str(version)),
            body=body,
            time=now,
            correlation_id=self.correlation_id or self.id,
            causation_id=self.id,
        )
