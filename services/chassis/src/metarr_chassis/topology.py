"""Setup makes streams, consumers and buckets; services only compare and refuse to start on a difference."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

import nats.js.errors

from metarr_chassis.bus import Bus, connect
from metarr_chassis.errors import TopologyError
from metarr_contracts import streams
from metarr_contracts.base import Utc, Value
from metarr_contracts.streams import BUCKETS, CONSUMERS, STREAMS, BucketDefinition, ConsumerDefinition, StreamDefinition

NANOSECONDS = 1_000_000_000
SETUP_SECONDS = 60.0
STORE_KEY = "store"


class Store(Value):
    """Which store this is. Demo data and a person's own never meet."""

    kind: Literal["demo", "real"]
    id: str
    created_at: Utc


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
        "name": f"KV_{name}" if kv else f"OBJ_{name}",
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


async def setup(nats_url: str, *, demo: bool) -> None:
    """Make or mend everything on the bus; safe to repeat.

    Raises:
        TopologyError: the store holds data of the other kind (demo or real).
        TimeoutError: NATS was not there for a minute.
    """
    async with asyncio.timeout(SETUP_SECONDS), connect(nats_url, "metarr-setup") as bus:
        for config in _stream_configs():
            await _ensure_stream(bus, config)
        for consumer in CONSUMERS:
            body = {"stream_name": consumer.stream, "config": consumer_config(consumer)}
            await bus.api(f"CONSUMER.DURABLE.CREATE.{consumer.stream}.{consumer.durable}", json.dumps(body).encode())
        await _record_store(bus, demo=demo)


async def verify(bus: Bus, *, demo: bool) -> Store:
    """Compare the bus with the definitions and the store with what this process is.

    Raises:
        TopologyError: something is missing or different, or the store is of the other kind.
    """
    for config in _stream_configs():
        _refuse_differences(config["name"], config, await _actual(bus, f"STREAM.INFO.{config['name']}"))
    for consumer in CONSUMERS:
        actual = await _actual(bus, f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}")
        _refuse_differences(consumer.durable, consumer_config(consumer), actual)
    store = await _read_store(bus)
    if store is None:
        raise TopologyError("the store has no record of its kind; run: metarr setup")
    _refuse_other_kind(store, demo=demo)
    return store


def _stream_configs() -> Iterator[dict[str, Any]]:
    yield from (stream_config(stream) for stream in STREAMS)
    yield from (bucket_config(bucket) for bucket in BUCKETS)


async def _actual(bus: Bus, call: str) -> dict[str, Any]:
    try:
        info = await bus.api(call)
    except nats.js.errors.APIError as error:
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
        await bus.api(f"STREAM.CREATE.{name}", json.dumps(config).encode())
        return
    if list(differences(config, actual)):
        # The whole definition: what a partial update leaves out is cleared by the server.
        whole = {**actual, **config, "num_replicas": actual["num_replicas"]}
        await bus.api(f"STREAM.UPDATE.{name}", json.dumps(whole).encode())


async def _record_store(bus: Bus, *, demo: bool) -> None:
    store = await _read_store(bus)
    if store is not None:
        _refuse_other_kind(store, demo=demo)
        return
    record = Store(kind="demo" if demo else "real", id=uuid4().hex, created_at=datetime.now(UTC))
    await bus.js.publish(f"$KV.{streams.META}.{STORE_KEY}", record.to_json())


async def _read_store(bus: Bus) -> Store | None:
    stored = await bus.last_message(f"KV_{streams.META}", f"$KV.{streams.META}.{STORE_KEY}")
    return Store.model_validate_json(stored.data) if stored else None


def _refuse_other_kind(store: Store, *, demo: bool) -> None:
    if demo and store.kind == "real":
        raise TopologyError("this store holds a real library; a demo needs a store of its own")
    if not demo and store.kind == "demo":
        raise TopologyError("this store holds demo data; a real library needs a store of its own")
