"""CloudEvents 1.0 on NATS, binary mode: attributes are headers, the body is the JSON of the message.

https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/nats-protocol-binding.md
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from metarr_contracts.base import Utc, Value

MESSAGE_ID = "Nats-Msg-Id"
CORRELATION_ID = "ce-correlationid"


class Envelope(Value):
    """What is said about a message outside of its body."""

    id: str
    type: str = Field(examples=["metarr.movie.enriched.v1"])
    source: str = Field(examples=["/metarr/enricher"])
    time: Utc
    subject: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = Field(default=None, description="W3C Trace Context")
    tracestate: str | None = None

    def headers(self) -> dict[str, str]:
        """NATS headers; the id is also the message id by which the server recognises a repeated publish."""
        optional = {
            "ce-subject": self.subject,
            CORRELATION_ID: self.correlation_id,
            "ce-causationid": self.causation_id,
            "traceparent": self.traceparent,
            "tracestate": self.tracestate,
        }
        return {
            MESSAGE_ID: self.id,
            "ce-specversion": "1.0",
            "ce-id": self.id,
            "ce-type": self.type,
            "ce-source": self.source,
            "ce-time": rfc3339(self.time),
            "content-type": "application/json",
            **{name: value for name, value in optional.items() if value is not None},
        }


def read_envelope(headers: Mapping[str, str]) -> Envelope:
    """The envelope of a message.

    Raises:
        pydantic.ValidationError: a required attribute is absent or malformed.
    """
    return Envelope.model_validate(
        {
            "id": headers.get("ce-id"),
            "type": headers.get("ce-type"),
            "source": headers.get("ce-source"),
            "time": headers.get("ce-time"),
            "subject": headers.get("ce-subject"),
            "correlationId": headers.get(CORRELATION_ID),
            "causationId": headers.get("ce-causationid"),
            "traceparent": headers.get("traceparent"),
            "tracestate": headers.get("tracestate"),
        }
    )


def rfc3339(moment: datetime) -> str:
    """The moment in UTC as `2025-11-22T10:30:00.123456Z`."""
    return moment.isoformat().replace("+00:00", "Z")
