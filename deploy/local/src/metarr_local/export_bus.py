"""The bus as tables for a person: streams, buckets, consumers, subjects, requests. Pure."""

from collections.abc import Iterable, Sequence

from metarr_contracts.asyncapi_messages import name_of
from metarr_contracts.channels import LIVE, REQUESTS, STORED, Body, Channel, stream_of
from metarr_contracts.streams import (
    BUCKETS,
    CONSUMERS,
    DAY,
    STREAMS,
    BucketDefinition,
    ConsumerDefinition,
    StreamDefinition,
)

Cells = Sequence[str]


REFUSALS = (
    "A reply is the body alone; a refusal is `Refused` with the headers `Nats-Service-Error` and "
    "`Nats-Service-Error-Code` (the HTTP status)."
)


def page() -> str:
    """The whole page in Markdown."""
    parts = [
        "# The bus",
        "Made from `metarr_contracts` by `make export`; do not edit.",
        "## Streams",
        _table(("stream", "subjects", "kept", "settings", "what it is"), map(_stream, STREAMS)),
        "Work is taken by these consumers:",
        _table(("consumer", "stream", "subjects", "alive within", "in flight at most"), map(_consumer, CONSUMERS)),
        "## Buckets",
        _table(("bucket", "kind", "kept", "what it is"), map(_bucket, BUCKETS)),
        "## What is stored",
        _table(("subject", "stream", "messages", "sent by", "read by", "what it is"), map(_stored, STORED)),
        "## What is not stored",
        _table(("subject", "messages", "sent by", "read by", "what it is"), map(_live, LIVE)),
        "## Requests",
        REFUSALS,
        _table(("subject", "request", "reply", "asked by", "answered by"), map(_request, REQUESTS)),
    ]
    return "\n\n".join(parts) + "\n"


def _table(titles: Cells, rows: Iterable[Cells]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _stream(stream: StreamDefinition) -> Cells:
    kept = "until it is done" if stream.retention == "workqueue" else _kept(stream.max_age)
    return f"`{stream.name}`", _code(stream.subjects), kept, ", ".join(_settings(stream)), stream.description


def _consumer(consumer: ConsumerDefinition) -> Cells:
    in_flight = str(consumer.max_ack_pending)
    names = (f"`{name}`" for name in (consumer.durable, consumer.stream, consumer.filter_subject))
    return *names, f"{consumer.ack_wait:g} s", in_flight


def _bucket(bucket: BucketDefinition) -> Cells:
    return f"`{bucket.name}`", bucket.kind, _kept(bucket.ttl), bucket.description


def _kept(seconds: float) -> str:
    return f"{seconds / DAY:g} days" if seconds else "for ever"


def _settings(stream: StreamDefinition) -> Iterable[str]:
    if stream.max_msgs_per_subject > 0:
        yield f"`max_msgs_per_subject {stream.max_msgs_per_subject}`"
    if stream.discard == "new":
        yield "`discard new`"
    flags = ("discard_new_per_subject", "deny_delete", "deny_purge", "allow_direct")
    yield from (f"`{flag}`" for flag in flags if getattr(stream, flag))


def _stored(channel: Channel) -> Cells:
    stream = stream_of(channel)
    return f"`{channel.address}`", f"`{stream.name}`" if stream else "", *_flow(channel)


def _live(channel: Channel) -> Cells:
    return f"`{channel.address}`", *_flow(channel)


def _flow(channel: Channel) -> Cells:
    return _names(channel.bodies), ", ".join(channel.sent), ", ".join(channel.readers), channel.description


def _request(channel: Channel) -> Cells:
    reply, *_ = channel.replies
    asked_by, answered_by = ", ".join(channel.sent), ", ".join(channel.readers)
    return f"`{channel.address}`", _names(channel.bodies), _names((reply,)), asked_by, answered_by


def _names(bodies: Iterable[Body]) -> str:
    return _code(map(name_of, bodies))


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
