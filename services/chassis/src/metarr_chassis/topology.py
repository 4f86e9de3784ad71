"""Setup makes streams, consumers and buckets; services only compare and refuse to start on a difference."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import nats.js.errors
import structlog

from metarr_chassis.bus import UNAVAILABLE, Bus, connect
from metarr_chassis.errors import BusUnavailableError, TopologyError
from metarr_chassis.job_ids import after_loss
from metarr_contracts import streams
from metarr_contracts.store import Store
from metarr_contracts.streams import BUCKETS, CONSUMERS, STREAMS, BucketDefinition, ConsumerDefinition, StreamDefinition

log = structlog.get_logger()

NANOSECONDS = 1_000_000_000
SETUP_SECONDS = 60.0
AGAIN_SECONDS = 0.25
TOO_FEW_SERVERS = frozenset({10005, 10074})
"""Server error codes: no peers for so many copies; a server that is in no cluster."""
OFFLINE_SECONDS = 10.0
"""A server that has just come, or has much to do, may take seconds to say that it is there."""
STORE_KEY = "store"
JOB_IDS_SUBJECT = f"$KV.{streams.META}.job-ids"
"""All job ids since are above the number that is kept here."""


def stream_config(stream: StreamDefinition, replicas: int = 1) -> dict[str, Any]:
    """The definition as the NATS API wants it."""
    return {
        "name": stream.name,
        "description": stream.description,
        "subjects": list(stream.subjects),
        "retention": stream.retention,
        "discard": stream.discard,
        "discard_new_per_subject": stream.discard_new_per_subject,
        "max_msgs_per_subject": stream.max_msgs_per_subject,
        "max_age": int(stream.max_age * NANOSECONDS),
        "duplicate_window": int(stream.duplicate_window * NANOSECONDS),
        "deny_delete": stream.deny_delete,
        "deny_purge": stream.deny_purge,
        "allow_direct": stream.allow_direct,
        "storage": "file",
        "compression": "none",
        "num_replicas": replicas,
    }


def bucket_config(bucket: BucketDefinition, replicas: int = 1) -> dict[str, Any]:
    """The stream behind a bucket, as NATS clients make it."""
    name = bucket.name
    kv = bucket.kind == "kv"
    return {
        "name": bucket.stream,
        "description": bucket.description,
        "subjects": [f"$KV.{name}.>"] if kv else [f"$O.{name}.C.>", f"$O.{name}.M.>"],
        "retention": "limits",
        "discard": "new",
        "max_msgs_per_subject": 1 if kv else -1,
        "max_age": int(bucket.ttl * NANOSECONDS),
        "deny_delete": kv,
        "allow_rollup_hdrs": True,
        "allow_direct": True,
        # A stream in memory is gone after a restart of a single server, and only setup may make it again.
        "storage": "file",
        "num_replicas": replicas,
    }


def consumer_config(consumer: ConsumerDefinition) -> dict[str, Any]:
    """The definition as the NATS API wants it. Redelivery is unlimited on purpose: the enricher counts."""
    return {
        "durable_name": consumer.durable,
        "filter_subject": consumer.filter_subject,
        "ack_policy": "explicit",
        "ack_wait": int(consumer.ack_wait * NANOSECONDS),
        "deliver_policy": "all",
        "max_ack_pending": consumer.max_ack_pending,
        "max_deliver": -1,
    }


def differences(wanted: dict[str, Any], actual: dict[str, Any]) -> Iterator[str]:
    """Settings that are not as wanted; the server leaves out what is empty. Replicas are up to the operator."""
    for setting, value in wanted.items():
        found = actual.get(setting)
        if setting not in {"description", "num_replicas"} and (found or None) != (value or None):
            yield f"{setting} is {found!r}, expected {value!r}"


class ServerOfflineError(TopologyError):
    """There are servers enough for all copies, of which one is not heard of now."""


async def setup(nats_url: str, *, demo: bool, replicas: int | None = None, ca_file: Path | None = None) -> None:
    """Make or mend everything on the bus; safe to repeat.

    `replicas` is how many servers keep a copy of each stream and bucket; consumers follow their stream. None leaves it
    as it is, which is one copy at first.

    Raises:
        TopologyError: the store holds data of the other kind (demo or real), a restore was not brought to its end, or
            there are fewer servers than copies.
        TimeoutError: NATS was not there, or had no leader, for a minute.
    """
    async with asyncio.timeout(SETUP_SECONDS), connect(nats_url, "metarr-setup", ca_file) as bus:
        began = monotonic()
        while True:
            try:
                await _refuse_unfinished_restore(bus)
                await _make(bus, replicas)
                await _record_store(bus, demo=demo)
            except (BusUnavailableError, *UNAVAILABLE) as error:
                # A cluster elects leaders when it starts, and one for each stream that is made or gets more copies.
                log.debug("setup is repeated", why=repr(error))
                await asyncio.sleep(AGAIN_SECONDS)
            except ServerOfflineError:
                if monotonic() - began > OFFLINE_SECONDS:
                    raise
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return


async def _make(bus: Bus, replicas: int | None) -> None:
    copies = replicas or await _copies(bus)
    # The queue comes last: where its ids begin is kept in a bucket, and is reckoned from the events.
    for config in sorted(_stream_configs(copies), key=lambda config: bool(config["name"] == streams.COMMANDS)):
        await _ensure_stream(bus, config)
    for consumer in CONSUMERS:
        body = {"stream_name": consumer.stream, "config": consumer_config(consumer)}
        await bus.api(f"CONSUMER.DURABLE.CREATE.{consumer.stream}.{consumer.durable}", json.dumps(body).encode())


async def _copies(bus: Bus) -> int:
    """How many copies of the events there are: a stream that is new gets as many."""
    try:
        info = await bus.api(f"STREAM.INFO.{streams.EVENTS}")
    except nats.js.errors.NotFoundError:
        return 1
    return int(info["config"]["num_replicas"])


async def verify(bus: Bus, *, demo: bool) -> Store:
    """Compare the bus with the definitions and the store with what this process is.

    Raises:
        TopologyError: something is missing or different, the store is of the other kind, or half restored.
    """
    await _refuse_unfinished_restore(bus)
    for config in _stream_configs():
        _refuse_differences(config["name"], config, await _actual(bus, f"STREAM.INFO.{config['name']}"))
    for consumer in CONSUMERS:
        actual = await _actual(bus, f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}")
        _refuse_differences(consumer.durable, consumer_config(consumer), actual)
    store = await read_store(bus)
    if store is None:
        raise TopologyError("the store has no record of its kind; run: metarr setup")
    refuse_other_kind(store, demo=demo)
    return store


def _stream_configs(replicas: int = 1) -> Iterator[dict[str, Any]]:
    yield from (stream_config(stream, replicas) for stream in STREAMS)
    yield from (bucket_config(bucket, replicas) for bucket in BUCKETS)


async def _actual(bus: Bus, call: str) -> dict[str, Any]:
    try:
        info = await bus.api(call)
    except nats.js.errors.NotFoundError as error:
        raise TopologyError(f"{call.rsplit('.', maxsplit=1)[-1]} does not exist; run: metarr setup") from error
    config: dict[str, Any] = info["config"]
    return config


def _refuse_differences(name: str, wanted: dict[str, Any], actual: dict[str, Any]) -> None:
    found = list(differences(wanted, actual))
    if found:
        raise TopologyError(f"{name}: {'; '.join(found)}; run: metarr setup")


async def _ensure_stream(bus: Bus, config: dict[str, Any]) -> None:
    name = config["name"]
    try:
        actual = (await bus.api(f"STREAM.INFO.{name}"))["config"]
    except nats.js.errors.NotFoundError:
        new = config | await _beginning(bus) if name == streams.COMMANDS else config
        await _place(bus, f"STREAM.CREATE.{name}", new)
        return
    if actual["num_replicas"] != config["num_replicas"] or list(differences(config, actual)):
        # The whole definition: what a partial update leaves out is cleared by the server.
        await _place(bus, f"STREAM.UPDATE.{name}", {**actual, **config})


async def _beginning(bus: Bus) -> dict[str, int]:
    """Where the sequences of a new queue begin: with the first one, unless there are events of earlier jobs."""
    last_event = (await bus.stream_state(streams.EVENTS)).last_seq
    if not last_event:
        return {}
    first = after_loss(await read_job_ids(bus), last_event)
    await keep_job_ids(bus, first - 1)
    log.warning("the queue was lost and is made anew", first_job=first)
    return {"first_seq": first}


async def read_job_ids(bus: Bus) -> int:
    """The number that all ids of the present queue are above."""
    stored = await bus.last_message(f"KV_{streams.META}", JOB_IDS_SUBJECT)
    return int(stored.data) if stored else 0


async def keep_job_ids(bus: Bus, above: int) -> None:
    """Remember where the ids of a queue begin; kept before the queue is there."""
    await bus.js.publish(JOB_IDS_SUBJECT, str(above).encode())


async def _refuse_unfinished_restore(bus: Bus) -> None:
    try:
        await bus.api(f"STREAM.INFO.{streams.RESTORE}")
    except nats.js.errors.NotFoundError:
        return
    raise TopologyError("a restore of a backup was not brought to its end; repeat it: metarr restore")


async def _place(bus: Bus, call: str, config: dict[str, Any]) -> None:
    try:
        await bus.api(call, json.dumps(config).encode())
    except nats.js.errors.APIError as error:
        if error.err_code not in TOO_FEW_SERVERS:
            raise
        copies = config["num_replicas"]
        kind = ServerOfflineError if "offline" in (error.description or "") else TopologyError
        raise kind(
            f"{config['name']} cannot have {copies} copies: a copy needs a NATS server of the cluster of its own"
            f" ({error.description}); start {copies} servers, or set METARR_REPLICAS to how many there are"
        ) from error


async def _record_store(bus: Bus, *, demo: bool) -> None:
    store = await read_store(bus)
    if store is not None:
        refuse_other_kind(store, demo=demo)
        return
    record = Store(kind="demo" if demo else "real", id=uuid4().hex, created_at=datetime.now(UTC))
    await bus.js.publish(f"$KV.{streams.META}.{STORE_KEY}", record.to_json())


async def read_store(bus: Bus) -> Store | None:
    """Which store this is; None: nobody has set it up."""
    stored = await bus.last_message(f"KV_{streams.META}", f"$KV.{streams.META}.{STORE_KEY}")
    return Store.model_validate_json(stored.data) if stored else None


def refuse_other_kind(store: Store, *, demo: bool) -> None:
    """Raise TopologyError where demo data and a person's own would meet."""
    if demo and store.kind == "real":
        raise TopologyError("this store holds a real library; a demo needs a store of its own")
    if not demo and store.kind == "demo":
        raise TopologyError("this store holds demo data; a real library needs a store of its own")
