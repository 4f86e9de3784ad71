#!/usr/bin/env python3
"""Measures two ways of addressing a film's events on the bus: one subject per film, or typed subjects under a wildcard.

Starts its own servers (one node, then a cluster of three; loopback, every write synced) and prints tables of figures,
races, and answers of the server. A broken promise of the server ends the run with an AssertionError.
Run: `python tests/bench/append_subjects.py --help`; the decision is in `docs/adr/`.
"""

import argparse
import asyncio
import base64
import contextlib
import itertools
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sysconfig
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import StreamConfig
from nats.js.errors import APIError

T = TypeVar("T")
KINDS = ("added", "enriched", "changed", "cancel-requested")
PAYLOAD = json.dumps({"title": "x" * 400}).encode()
WRITERS = 20
ELECTION_S = 30.0


@dataclass(frozen=True)
class Scheme:
    """One way of addressing: the stream's subjects, a film's subject, and what covers all events of a film."""

    name: str
    typed: bool

    @property
    def stream(self) -> str:
        """The stream's name."""
        return f"BENCH_{self.name}"

    def subject(self, film: int, kind: str) -> str:
        """The subject an event is published to."""
        return f"metarr.evt.movie.{film}.{kind}" if self.typed else f"metarr.evt.movie.{film}"

    def cover(self, film: int) -> str:
        """The subject filter that matches every event of the film and nothing else."""
        return f"metarr.evt.movie.{film}.>" if self.typed else f"metarr.evt.movie.{film}"

    def headers(self, film: int, expected: int, event_id: str) -> dict[str, str]:
        """The headers of an append: id, expected stream sequence of the film's last event (0: none)."""
        guard = {"Nats-Msg-Id": event_id, "Nats-Expected-Last-Subject-Sequence": str(expected)}
        cover = {"Nats-Expected-Last-Subject-Sequence-Subject": self.cover(film)} if self.typed else {}
        return guard | cover


EXACT = Scheme("A", typed=False)
TYPED = Scheme("B", typed=True)
SCHEMES = (EXACT, TYPED)


# Servers


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Node:
    """One nats-server process of ours."""

    name: str
    port: int
    config: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process (again); the store is kept."""
        binary = Path(sysconfig.get_path("scripts")) / "nats-server"
        log = self.config.with_suffix(".log")
        self.process = subprocess.Popen([binary, "-c", self.config, "-l", log])  # noqa: S603 our own binary and file

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process by its own id and wait for it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait()

    def resident_mb(self) -> float:
        """Resident memory in MB."""
        assert self.process
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def config_text(name: str, port: int, store: Path, routes: dict[str, int]) -> str:
    """The configuration of one node; without routes it is a single server."""
    urls = ", ".join(f'"nats://127.0.0.1:{other}"' for other in routes.values())
    cluster = f"cluster {{ name: bench, listen: '127.0.0.1:{routes[name]}', routes: [{urls}] }}" if routes else ""
    store_text = f'jetstream {{ store_dir: "{store}", sync_interval: always }}'
    return f'server_name: {name}\nlisten: "127.0.0.1:{port}"\n{store_text}\n{cluster}\n'


@contextlib.contextmanager
def servers(count: int) -> Iterator[list[Node]]:
    """Run `count` servers in a temporary folder; more than one is a cluster."""
    with tempfile.TemporaryDirectory(prefix="bench-append-") as folder:
        names = [f"n{i}" for i in range(count)]
        routes = {name: free_port() for name in names} if count > 1 else {}
        nodes = [Node(name, free_port(), Path(folder) / f"{name}.conf") for name in names]
        for node in nodes:
            node.config.write_text(config_text(node.name, node.port, Path(folder) / node.name, routes))
            node.start()
        try:
            yield nodes
        finally:
            for node in nodes:
                node.end()


async def connect(nodes: list[Node], first: int = 0) -> Client:
    """A client of node `first`, which falls back to the others."""
    urls = [f"nats://127.0.0.1:{node.port}" for node in nodes[first:] + nodes[:first]]

    async def ignore(_: Exception) -> None:
        """A refused connection while a server starts or was killed is what we asked for."""

    return await nats.connect(
        urls, dont_randomize=True, reconnect_time_wait=0.1, max_reconnect_attempts=-1, error_cb=ignore
    )


async def until(attempt: Callable[[], Awaitable[T]], within_s: float = ELECTION_S) -> T:
    """Repeat an attempt until the servers are able to answer it."""
    end = time.monotonic() + within_s
    while True:
        try:
            return await attempt()
        except nats.errors.Error:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.1)


# Requests: each is what a service would send


async def append(nc: Client, scheme: Scheme, film: int, expected: int, kind: str, event_id: str = "") -> int:
    """Append one event; returns its stream sequence, raises APIError on a conflict."""
    headers = scheme.headers(film, expected, event_id or str(uuid.uuid4()))
    ack = await nc.jetstream().publish(scheme.subject(film, kind), PAYLOAD, headers=headers, timeout=3)
    return ack.seq


async def from_leader(nc: Client, scheme: Scheme, request: dict[str, Any]) -> dict[str, Any] | None:
    """One stored message from the stream's leader: never stale; None when there is none."""
    reply = await nc.request(f"$JS.API.STREAM.MSG.GET.{scheme.stream}", json.dumps(request).encode(), timeout=3)
    answer = json.loads(reply.data)
    if answer.get("error", {}).get("code") == 404:
        return None
    if "error" in answer:
        raise APIError.from_error(answer["error"])
    return dict(answer["message"])


async def last_from_leader(nc: Client, scheme: Scheme, film: int) -> dict[str, Any] | None:
    """The film's last event, from the leader."""
    return await from_leader(nc, scheme, {"last_by_subj": scheme.cover(film)})


async def next_from_leader(nc: Client, scheme: Scheme, film: int, seq: int) -> dict[str, Any] | None:
    """The film's first event at or after a stream sequence, from the leader."""
    return await from_leader(nc, scheme, {"seq": seq, "next_by_subj": scheme.cover(film)})


async def last_direct(nc: Client, scheme: Scheme, film: int) -> Msg:
    """The film's last event from any replica; may be stale."""
    request = json.dumps({"last_by_subj": scheme.cover(film)}).encode()
    return await nc.request(f"$JS.API.DIRECT.GET.{scheme.stream}", request, timeout=3)


async def direct(nc: Client, scheme: Scheme, request: dict[str, Any]) -> list[Msg]:
    """Several stored messages from any replica; the reply ends with a status message."""
    inbox = nc.new_inbox()
    sub = await nc.subscribe(inbox)
    await nc.publish(f"$JS.API.DIRECT.GET.{scheme.stream}", json.dumps(request).encode(), reply=inbox)
    found = []
    while "Status" not in ((msg := await sub.next_msg(timeout=3)).headers or {}):
        found.append(msg)
    await sub.unsubscribe()
    return found


async def after_direct(nc: Client, scheme: Scheme, film: int, seq: int) -> list[Msg]:
    """The film's events after a stream sequence, from any replica."""
    return await direct(nc, scheme, {"next_by_subj": scheme.cover(film), "seq": seq + 1, "batch": 256})


def stored_headers(message: dict[str, Any]) -> dict[str, str]:
    """The headers of a message that the stream API returned."""
    lines = base64.b64decode(message.get("hdrs", "")).decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines if line)


async def story(nc: Client, scheme: Scheme, film: int) -> list[tuple[int, int, str]]:
    """All events of a film from the leader, as (sequence, sequence it expected before it or -1, id)."""
    events, seq = [], 1
    while message := await until(lambda: next_from_leader(nc, scheme, film, seq)):  # noqa: B023 awaited at once
        headers = stored_headers(message)
        expected = int(headers.get("Nats-Expected-Last-Subject-Sequence", -1))
        events.append((message["seq"], expected, headers.get("Nats-Msg-Id", "")))
        seq = message["seq"] + 1
    return events


def broken_links(events: list[tuple[int, int, str]]) -> int:
    """How many guarded events were stored although another event than the expected one was before them."""
    pairs = itertools.pairwise([(0, 0, ""), *events])
    return sum(expected not in (-1, before) for (before, _, _), (_, expected, _) in pairs)


# A stream with a past


async def make_stream(nc: Client, scheme: Scheme, replicas: int) -> None:
    """The event stream of the scheme, as in production but with atomic batches for a quick preload."""
    subjects = ["metarr.evt.movie.*.*" if scheme.typed else "metarr.evt.movie.*"]
    config = StreamConfig(
        name=scheme.stream, subjects=subjects, num_replicas=replicas, allow_direct=True, allow_atomic=True
    )
    await until(lambda: nc.jetstream().add_stream(config))


async def store_batch(nc: Client, scheme: Scheme, events: list[tuple[int, str]]) -> int:
    """Store up to 1,000 events atomically; returns the sequence of the last."""
    batch = str(uuid.uuid4())
    for number, (film, kind) in enumerate(events[:-1], 1):
        headers = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}
        await nc.publish(scheme.subject(film, kind), PAYLOAD, headers=headers)
    film, kind = events[-1]
    headers = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(len(events)), "Nats-Batch-Commit": "1"}
    ack = await nc.jetstream().publish(scheme.subject(film, kind), PAYLOAD, headers=headers, timeout=60)
    return ack.seq


async def preload(nc: Client, scheme: Scheme, films: int, events: int) -> dict[int, int]:
    """Give each film its events, type by type in random order; returns the last sequence by film."""
    order = random.Random(7)  # noqa: S311 not for secrets
    plan: list[tuple[int, str]] = []
    for kind in KINDS:
        plan += [(film, kind) for film in order.sample(range(1, films + 1), films)]
    last: dict[int, int] = {}
    for start in range(0, events, 1000):
        part = plan[start : min(start + 1000, events)]
        end = await store_batch(nc, scheme, part)
        last |= {film: end - len(part) + 1 + i for i, (film, _) in enumerate(part)}
    return last


# Figures


@dataclass
class Figures:
    """Seconds of single operations and of whole rounds."""

    single: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def row(self) -> str:
        """Rate, p50 and p99 as cells of a table."""
        cuts = statistics.quantiles(self.single, n=100)
        return f"{statistics.median(self.rates):,.0f} | {cuts[49] * 1000:.2f} | {cuts[98] * 1000:.2f}"


async def timed(figures: Figures, jobs: list[Callable[[], Awaitable[Any]]], at_once: int) -> None:
    """Run all jobs, `at_once` side by side, and note each one's time and the rate."""
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            start = time.perf_counter()
            await job()
            figures.single.append(time.perf_counter() - start)

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    figures.rates.append(len(jobs) / (time.perf_counter() - start))


def append_job(nc: Client, scheme: Scheme, last: dict[int, int], film: int) -> Callable[[], Awaitable[None]]:
    """An append to an old film that keeps account of the film's last sequence."""

    async def job() -> None:
        last[film] = await append(nc, scheme, film, last[film], random.choice(KINDS))  # noqa: S311

    return job


Read = Callable[[Client, Scheme, int, int], Awaitable[Any]]
READS: dict[str, Read] = {
    "last of a film, leader": lambda nc, scheme, film, _: last_from_leader(nc, scheme, film),
    "last of a film, direct": lambda nc, scheme, film, _: last_direct(nc, scheme, film),
    "event after s, leader: none": lambda nc, scheme, film, seq: next_from_leader(nc, scheme, film, seq + 1),
    "events after s, direct: one": lambda nc, scheme, film, seq: after_direct(nc, scheme, film, seq - 1),
    "events after s, direct: none": after_direct,
    "whole story, direct": lambda nc, scheme, film, _: after_direct(nc, scheme, film, 0),
}


def read_job(nc: Client, scheme: Scheme, read: Read, film: int, seq: int) -> Callable[[], Awaitable[Any]]:
    """A read of one film."""
    return lambda: read(nc, scheme, film, seq)


async def speed(nodes: list[Node], size: argparse.Namespace) -> None:
    """Preload both streams, then measure appends and reads in alternating rounds."""
    nc = await connect(nodes)
    last: dict[str, dict[int, int]] = {}
    for scheme in SCHEMES:
        await make_stream(nc, scheme, len(nodes))
        last[scheme.name] = await preload(nc, scheme, size.films, size.events)
    names = ["append, 32 at once", *READS]
    table = {(name, scheme.name): Figures() for name in names for scheme in SCHEMES}
    for _, scheme in itertools.product(range(size.rounds), SCHEMES):
        known = last[scheme.name]
        films = random.sample(range(1, size.films + 1), size.appends)
        jobs = [append_job(nc, scheme, known, film) for film in films]
        await timed(table[names[0], scheme.name], jobs, 32)
        for name, read in READS.items():
            some = random.sample(range(1, size.films + 1), size.reads)
            await timed(table[name, scheme.name], [read_job(nc, scheme, read, f, known[f]) for f in some], 1)
    print(f"\n{len(nodes)} node(s), {size.events:,} events, {size.films:,} films\n")
    print("| what | scheme | per second | p50 ms | p99 ms |\n|---|---|---|---|---|")
    for (name, scheme_name), figures in table.items():
        print(f"| {name} | {scheme_name} | {figures.row()} |")
    await nc.close()


# Races


async def outcome(nc: Client, scheme: Scheme, film: int, expected: int, kind: str) -> int | str:
    """The sequence of a successful append, or the error code (or kind) of one that was not."""
    try:
        return await append(nc, scheme, film, expected, kind)
    except APIError as error:
        return f"{error.err_code}"
    except nats.errors.Error as error:
        return type(error).__name__


async def race(clients: list[Client], scheme: Scheme, film: int, versions: int) -> Counter[str]:
    """All writers append to one film on the same version, again and again: exactly one wins each time."""
    seen: Counter[str] = Counter()
    expected = 0
    for _ in range(versions):
        writers = [outcome(nc, scheme, film, expected, KINDS[number % len(KINDS)]) for number, nc in enumerate(clients)]
        results = await asyncio.gather(*writers)
        wins = [result for result in results if isinstance(result, int)]
        assert len(wins) == 1, f"{scheme.name}: {len(wins)} winners on version {expected}: {results}"
        seen.update(result for result in results if isinstance(result, str))
        expected = wins[0]
    events = await story(clients[0], scheme, film)
    assert len(events) == versions, f"{scheme.name}: {len(events)} events of {versions} versions"
    assert broken_links(events) == 0, f"{scheme.name}: an event does not follow the one it expected"
    return seen


async def write_until(
    clients: list[Client], me: int, scheme: Scheme, film: int, versions: int, tally: Counter[str], known: set[str]
) -> None:
    """A writer as our services are: read the leader, append, on an error look for the own id before the next try."""
    nc, number = clients[me], 0
    while tally["stored"] < versions:
        last = await until(lambda: last_from_leader(nc, scheme, film))
        expected, event_id = (last["seq"] if last else 0), f"{me}-{number}"
        try:
            await append(nc, scheme, film, expected, KINDS[me % len(KINDS)], event_id)
        except nats.errors.Error as error:
            tally[str(getattr(error, "err_code", None) or type(error).__name__)] += 1
            taken = await until(lambda: next_from_leader(nc, scheme, film, expected + 1))  # noqa: B023 awaited at once
            if not taken or stored_headers(taken)["Nats-Msg-Id"] != event_id:
                continue
            tally["stored without an acknowledgement"] += 1
        tally["stored"] += 1
        known.add(event_id)
        number += 1


async def step_down(nc: Client, scheme: Scheme) -> None:
    """Ask the stream's leader to step down."""
    await nc.request(f"$JS.API.STREAM.LEADER.STEPDOWN.{scheme.stream}", b"{}", timeout=3)


async def leader(nc: Client, scheme: Scheme, nodes: list[Node]) -> Node:
    """The node that leads the stream now."""
    info = await until(lambda: nc.jetstream().stream_info(scheme.stream))
    return next((node for node in nodes if info.cluster and node.name == info.cluster.leader), nodes[0])


async def stored(tally: Counter[str], count: int) -> None:
    """Wait until the writers have stored so many events."""
    while tally["stored"] < count:
        await asyncio.sleep(0.01)


async def disturb(nc: Client, scheme: Scheme, nodes: list[Node], versions: int, tally: Counter[str]) -> None:
    """Seven step-downs and one SIGKILL of the leader, spread evenly over the versions."""
    for part in range(1, 9):
        await stored(tally, versions * part // 9)
        if part != 4:
            await until(lambda: step_down(nc, scheme))
            continue
        node = await leader(nc, scheme, nodes)
        node.end(signal.SIGKILL)
        await stored(tally, versions * 9 // 18)
        node.start()


async def race_with_faults(
    nodes: list[Node], clients: list[Client], scheme: Scheme, film: int, versions: int
) -> Counter[str]:
    """Writers race while leaders step down and die: every version once, the same on every replica."""
    tally: Counter[str] = Counter()
    known: set[str] = set()
    writers = [write_until(clients, me, scheme, film, versions, tally, known) for me in range(len(clients))]
    await asyncio.gather(*writers, disturb(clients[0], scheme, nodes, versions, tally))
    events = await story(clients[0], scheme, film)
    assert broken_links(events) == 0, f"{scheme.name}: an event does not follow the one it expected"
    ids = {event_id for _, _, event_id in events}
    assert len(ids) == len(events), f"{scheme.name}: an event is stored twice"
    assert known <= ids, f"{scheme.name}: an acknowledged event is lost"
    for _ in nodes:
        await until(lambda: step_down(clients[0], scheme))
        assert await story(clients[0], scheme, film) == events, f"{scheme.name}: replicas differ"
    return tally


SLIPS: dict[str, Callable[[int, int], dict[str, str]]] = {
    "no guard": lambda _film, _expected: {},
    "guard without a cover": lambda _film, expected: {"Nats-Expected-Last-Subject-Sequence": str(expected)},
    "cover said otherwise": lambda film, expected: {
        "Nats-Expected-Last-Subject-Sequence": str(expected),
        "Nats-Expected-Last-Subject-Sequence-Subject": f"metarr.evt.movie.{film}.*",
    },
}


async def slip(nc: Client, scheme: Scheme, film: int, headers: dict[str, str]) -> None:
    """An append by somebody who does not guard it as the others do; a refusal is fine."""
    with contextlib.suppress(APIError):
        await nc.jetstream().publish(scheme.subject(film, KINDS[2]), PAYLOAD, headers=headers, timeout=3)


async def race_with_slip(clients: list[Client], scheme: Scheme, film: int, versions: int, name: str) -> int:
    """Three guarded writers race with one slip: how many guarded events follow one that their writer had not seen."""
    for _ in range(versions):
        last = await last_from_leader(clients[0], scheme, film)
        expected = last["seq"] if last else 0
        guarded = [outcome(nc, scheme, film, expected, KINDS[1]) for nc in clients[1:4]]
        await asyncio.gather(slip(clients[0], scheme, film, SLIPS[name](film, expected)), *guarded)
    return broken_links(await story(clients[0], scheme, film))


async def races(nodes: list[Node], size: argparse.Namespace) -> None:
    """All races on both schemes; each writer has a connection of its own, spread over the nodes."""
    clients = [await connect(nodes, number % len(nodes)) for number in range(WRITERS)]
    print(f"\n{len(nodes)} node(s), {WRITERS} writers on one film\n")
    print("| race | scheme | versions | outcomes besides one winner a version |\n|---|---|---|---|")
    for number, scheme in enumerate(SCHEMES):
        film = size.films + 10 + number
        seen = await race(clients, scheme, film, size.versions)
        print(f"| same version | {scheme.name} | {size.versions} | {dict(seen)} |")
        for offset, name in enumerate(SLIPS if scheme.typed else ["no guard"], 1):
            broken = await race_with_slip(clients, scheme, film + 100 * offset, size.versions, name)
            print(f"| one writer slips: {name} | {scheme.name} | {size.versions} | {broken} stored unseen |")
    for scheme in SCHEMES if len(nodes) > 1 else ():
        tally = await race_with_faults(nodes, clients, scheme, size.films + 1000, size.versions)
        print(f"| 7 step-downs, 1 SIGKILL | {scheme.name} | {tally.pop('stored')} | {dict(tally)} |")
    for nc in clients:
        await nc.close()


# Answers of the server


async def lost_ack(nc: Client, scheme: Scheme, film: int) -> str:
    """What the same append again is answered, and that the own id is found on the expected place."""
    event_id = str(uuid.uuid4())
    before = await append(nc, scheme, film, 0, "added")
    stored = await append(nc, scheme, film, before, "changed", event_id)
    again = await outcome_again(nc, scheme, film, before, event_id)
    await append(nc, scheme, film, stored, "enriched")
    later = await outcome_again(nc, scheme, film, before, event_id)
    taken = await next_from_leader(nc, scheme, film, before + 1)
    assert taken
    assert taken["seq"] == stored
    assert stored_headers(taken)["Nats-Msg-Id"] == event_id
    return f"at once: {again}; after a later event: {later}; own id is first after the expected sequence: yes"


async def outcome_again(nc: Client, scheme: Scheme, film: int, expected: int, event_id: str) -> str:
    """The answer to an append whose acknowledgement was lost."""
    headers = scheme.headers(film, expected, event_id)
    try:
        ack = await nc.jetstream().publish(scheme.subject(film, "changed"), PAYLOAD, headers=headers)
    except APIError as error:
        return f"{error.err_code} {error.description}"
    return f"duplicate={ack.duplicate}"


async def neighbours(nc: Client, scheme: Scheme, film: int) -> str:
    """A film's cover matches no film whose id starts with the same digits."""
    ids = (film, film * 10, film * 10 + 1)
    seqs = {each: await append(nc, scheme, each, 0, "added") for each in ids}
    for each, seq in seqs.items():
        last = await last_from_leader(nc, scheme, each)
        assert last
        assert last["seq"] == seq
        assert last["subject"] == scheme.subject(each, "added")
    return f"films {ids} are apart"


async def wrong_cover(nc: Client, film: int) -> str:
    """Typed only: a cover that does not match the published subject."""
    await append(nc, TYPED, film, 0, "added")
    headers = TYPED.headers(film + 1, 0, str(uuid.uuid4()))
    ack = await nc.jetstream().publish(TYPED.subject(film, "added"), PAYLOAD, headers=headers)
    return f"accepted as {ack.seq}" if ack.seq else "refused"


async def multi_last(nc: Client, scheme: Scheme, film: int) -> str:
    """How many messages `multi_last` returns for one film with an event of each type."""
    expected = 0
    for kind in KINDS:
        expected = await append(nc, scheme, film, expected, kind)
    found = await direct(nc, scheme, {"multi_last": [scheme.cover(film)]})
    single = await last_direct(nc, scheme, film)
    assert (single.headers or {})["Nats-Sequence"] == str(expected)
    return f"{len(found)} messages; `last_by_subj` one, the newest"


async def answers(nodes: list[Node], size: argparse.Namespace) -> None:
    """Print how the server answers in the cases that a service has to know."""
    nc = await connect(nodes)
    first = size.films * 100
    print(f"\n{len(nodes)} node(s), answers\n\n| case | scheme | answer |\n|---|---|---|")
    for scheme in SCHEMES:
        print(f"| same append again | {scheme.name} | {await lost_ack(nc, scheme, first + 1)} |")
        print(f"| ids with a common start | {scheme.name} | {await neighbours(nc, scheme, first + 3)} |")
        print(f"| `multi_last` of the cover | {scheme.name} | {await multi_last(nc, scheme, first + 4)} |")
    print(f"| cover of another film | B | {await wrong_cover(nc, first + 5)} |")
    await nc.close()


# Memory


async def memory(scheme: Scheme, size: argparse.Namespace) -> str:
    """Resident memory of a single server that holds one preloaded stream, after a restart and after use."""
    with servers(1) as nodes:
        nc = await connect(nodes)
        await make_stream(nc, scheme, 1)
        last = await preload(nc, scheme, size.films, size.events)
        nodes[0].end()
        nodes[0].start()
        info = await until(lambda: nc.request(f"$JS.API.STREAM.INFO.{scheme.stream}", timeout=3))
        subjects = json.loads(info.data)["state"]["num_subjects"]
        idle = nodes[0].resident_mb()
        films = random.sample(range(1, size.films + 1), size.appends)
        await timed(Figures(), [append_job(nc, scheme, last, film) for film in films], 32)
        used = nodes[0].resident_mb()
        await nc.close()
    return f"{subjects:,} | {idle:.0f} | {used:.0f}"


def arguments() -> argparse.Namespace:
    """Sizes of the run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=240_000, help="preloaded events, at most four a film")
    parser.add_argument("--films", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds")
    parser.add_argument("--appends", type=int, default=2_000, help="appends a round")
    parser.add_argument("--reads", type=int, default=200, help="reads of each kind a round")
    parser.add_argument("--versions", type=int, default=200, help="versions of a film that writers race for")
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 3])
    return parser.parse_args()


async def main() -> None:
    """Measure on each number of nodes, then the memory."""
    size = arguments()
    print(f"{os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}, seed of the preload 7")
    for count in size.nodes:
        with servers(count) as nodes:
            await speed(nodes, size)
            await answers(nodes, size)
            await races(nodes, size)
    print("\n| scheme | subjects | resident after a restart, MB | after appends to old films, MB |\n|---|---|---|---|")
    for scheme in SCHEMES:
        print(f"| {scheme.name} | {await memory(scheme, size)} |")


if __name__ == "__main__":
    asyncio.run(main())
