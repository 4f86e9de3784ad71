#!/usr/bin/env python
"""Prints what it costs to give each library streams of its own: sets of the product's streams, buckets and consumers.

python tests/bench/stream_sets.py [sets] [nodes]    # 200 sets on one node: a minute

On three nodes every stream has three copies.

All are empty and nobody uses them, so what is printed is the price of their being there.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import nats
from nats.aio.client import Client
from tests.bench.append_subjects import Node, connect, servers, until
from tests.bench.disk import taken
from tests.bench.processes import processor_seconds

from metarr_chassis.topology import bucket_config, consumer_config, stream_config
from metarr_contracts.streams import BUCKETS, CONSUMERS, STREAMS

AT_ONCE = 8
IDLE_SECONDS = 20


async def main(sets: int, nodes: int) -> None:
    """Make the sets, leave them alone, start again; print."""
    with servers(nodes) as running:
        nc = await connect(running)
        await until(lambda: api(nc, "INFO", {}))
        before = [resident for resident, _ in map(used, running)]
        began = perf_counter()
        waiting = iter(range(sets))
        await asyncio.gather(*(lane(nc, waiting, nodes) for _ in range(AT_ONCE)))
        print(f"{sets} sets on {nodes} node(s): {1000 * (perf_counter() - began) / sets:.0f} ms to make one")
        made = [used(node) for node in running]
        await asyncio.sleep(IDLE_SECONDS)
        for node, (resident, seconds), empty in zip(running, made, before, strict=True):
            idle = 100 * (used(node)[1] - seconds) / IDLE_SECONDS
            files = taken(node.config.parent / node.name)
            print(
                f"  {node.name}: {1024 * (resident - empty) / sets:.0f} kB of memory and {files / 1024 / sets:.0f} kB "
                f"of files a set; {idle:.1f} % of a processor while nobody uses them"
            )
        await nc.close()
        for node in running:
            node.end()
        began = perf_counter()
        for node in running:
            node.start()
        nc = await connect(running)
        for name in (f"{STREAMS[0].name}_0", f"{STREAMS[0].name}_{sets - 1}"):
            await until(lambda name=name: api(nc, f"STREAM.INFO.{name}", {}), 120)  # type: ignore[misc]
        print(f"  start: {perf_counter() - began:.1f} s until the first and the last answer")
        await nc.close()


def used(node: Node) -> tuple[float, float]:
    """Resident MB, and seconds of processor so far."""
    assert node.process
    return node.resident_mb(), processor_seconds(node.process.pid)


async def lane(nc: Client, waiting: Iterator[int], nodes: int) -> None:
    """Make sets until none is left."""
    for number in waiting:
        for call, body in made(number, nodes):
            await until(lambda call=call, body=body: api(nc, call, body))  # type: ignore[misc]


def made(number: int, replicas: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """What makes the streams, buckets and consumers of one library."""
    for stream in STREAMS:
        own = tuple(f"library{number}.{subject}" for subject in stream.subjects)
        config = stream_config(stream, replicas) | {"name": f"{stream.name}_{number}", "subjects": own}
        yield f"STREAM.CREATE.{config['name']}", config
    for bucket in BUCKETS:
        config = bucket_config(bucket.model_copy(update={"name": f"{bucket.name}_{number}"}), replicas)
        yield f"STREAM.CREATE.{config['name']}", config
    for consumer in CONSUMERS:
        stream_name = f"{consumer.stream}_{number}"
        config = consumer_config(consumer) | {"filter_subject": f"library{number}.{consumer.filter_subject}"}
        call = f"CONSUMER.DURABLE.CREATE.{stream_name}.{consumer.durable}"
        yield call, {"stream_name": stream_name, "config": config}


async def api(nc: Client, call: str, body: dict[str, Any]) -> None:
    """A call of the JetStream API; raises as a time-out where it is refused for now, as before a leader is elected."""
    reply: dict[str, Any] = json.loads((await nc.request(f"$JS.API.{call}", json.dumps(body).encode(), 10)).data)
    error = reply.get("error")
    if error and error["code"] >= 500:
        raise nats.errors.TimeoutError
    assert not error, (call, error)


if __name__ == "__main__":
    told = [int(one) for one in sys.argv[1:]]
    asyncio.run(main(*(told + [200, 1][len(told) :])))
