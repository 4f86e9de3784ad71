"""Streams, buckets and consumers as data: `metarr setup` makes them, services refuse to start on a difference."""

from typing import Literal

from pydantic import Field

from metarr_contracts import subjects
from metarr_contracts.base import Value

DAY = 86_400

COMMANDS = "METARR_COMMANDS"
EVENTS = "METARR_EVENTS"
ANSWERS = "METARR_ANSWERS"
DEAD = "METARR_DEAD"
SNAPSHOTS = "METARR_SNAPSHOTS"
META = "METARR_META"
RATES = "METARR_RATES"
UPLOADS = "METARR_UPLOADS"
RESTORE = "METARR_RESTORE"
"""Is there while a backup is restored: what is beside it is not whole, and nothing starts."""
ENRICHER = "enricher"
IMPORTER = "importer"
BULK = "bulk"

ACK_WAIT_SECONDS = 10.0
HEARTBEAT_SECONDS = 3.0
MAX_DELIVERIES = 5
"""On this delivery a command is given up. The enricher counts: the server's own limit would block the film for ever."""


class StreamDefinition(Value):
    """A stream; names and meanings are those of the NATS API."""

    name: str
    description: str
    subjects: tuple[str, ...]
    retention: Literal["limits", "workqueue"] = "limits"
    discard: Literal["old", "new"] = "old"
    discard_new_per_subject: bool = False
    max_msgs_per_subject: int = -1
    max_age: float = Field(default=0, description="Seconds; 0 keeps for ever")
    duplicate_window: float = Field(default=120, description="Seconds")
    deny_delete: bool = False
    deny_purge: bool = False
    allow_direct: bool = True


class BucketDefinition(Value):
    """A key-value or object bucket."""

    name: str
    description: str
    kind: Literal["kv", "object"]
    ttl: float = Field(default=0, description="Seconds; 0 keeps for ever")

    @property
    def stream(self) -> str:
        """The stream that NATS clients keep it in."""
        return f"{'KV' if self.kind == 'kv' else 'OBJ'}_{self.name}"


class ConsumerDefinition(Value):
    """A durable pull consumer with explicit acknowledgement."""

    stream: str
    durable: str
    filter_subject: str
    ack_wait: float = ACK_WAIT_SECONDS
    max_ack_pending: int = 1_000


STREAMS: tuple[StreamDefinition, ...] = (
    StreamDefinition(
        name=COMMANDS,
        description="Work queue and lock: a subject holds at most one command until its job has ended",
        subjects=(subjects.COMMANDS,),
        retention="workqueue",
        discard="new",
        discard_new_per_subject=True,
        max_msgs_per_subject=1,
    ),
    StreamDefinition(
        name=EVENTS,
        description="The truth: every fact, append only, for ever",
        subjects=(subjects.EVENTS,),
        deny_delete=True,
        deny_purge=True,
    ),
    StreamDefinition(
        name=ANSWERS,
        description="What providers answered; the last message of a subject is the cache",
        subjects=(subjects.ANSWERS,),
        max_msgs_per_subject=3,
        max_age=180 * DAY,
    ),
    StreamDefinition(
        name=DEAD,
        description="What nobody could do: the message, why, and where it came from",
        subjects=(subjects.DEAD,),
        max_age=30 * DAY,
    ),
)

BUCKETS: tuple[BucketDefinition, ...] = (
    BucketDefinition(name=SNAPSHOTS, description="A film's state for decisions; disposable", kind="kv"),
    BucketDefinition(name=META, description="Which store this is, and the next film's id", kind="kv"),
    BucketDefinition(name=RATES, description="Shared request rates", kind="kv"),
    BucketDefinition(name=UPLOADS, description="Rows of large imports", kind="object", ttl=7 * DAY),
)

ALL_STREAMS: tuple[str, ...] = (*(stream.name for stream in STREAMS), *(bucket.stream for bucket in BUCKETS))
"""The names of all streams, with those of the buckets."""

CONSUMERS: tuple[ConsumerDefinition, ...] = (
    ConsumerDefinition(stream=COMMANDS, durable=ENRICHER, filter_subject=subjects.ENRICH_COMMANDS),
    ConsumerDefinition(stream=COMMANDS, durable=IMPORTER, filter_subject=subjects.IMPORT_COMMANDS),
    ConsumerDefinition(stream=COMMANDS, durable=BULK, filter_subject=subjects.BULK_RUN),
)
