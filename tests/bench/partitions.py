"""A trial: the projection over four partitions leaves the rows that it leaves over one, and how fast both are.

A script, no benchmark of the table. A stream sources METARR_EVENTS under `part.<n>.`, where the server computes n from
the film's id (`{{partition(4,1)}}`); events of no film go to partition 0. Four processes with the projector's own feed,
decoding, fold and writer each take one partition into a database of its own, then one process takes all of them into
one database. Rows of films and jobs of the four together must be those of the one, the library's counters their sums.
Run: `python -m tests.bench.partitions --events 60000`.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import asyncpg
from nats.aio.msg import Msg
from tests.bench.filled import tell
from tests.bench.mixed import Mixed
from tests.bench.projection import server_to_fill

from metarr_chassis.bus import Bus, connect
from metarr_contracts import subjects
from metarr_contracts.streams import EVENTS
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import EmbeddedPostgres
from metarr_projector import checkpoint as checkpoints
from metarr_projector.__main__ import look_seldom_for_cycles
from metarr_projector.batches import next_batch
from metarr_projector.checkpoint import Checkpoint
from metarr_projector.feed import Feed
from metarr_projector.schema import LIVE, migrate
from metarr_projector.writer import prepare, write

PARTITIONS = 4
STREAM = "PARTITIONED"
ALL = "all"
WHOLE_ROWS = ("movie", "movie_words", "movie_detail", "job")
"""Each of their rows comes from one partition."""
OF_NO_FILM = ("import_row", "run", "run_failure", "night", "schedule", "provider")
"""All of their rows come from partition 0."""
COUNTERS = (
    "SELECT enriched, partial, unenriched, completeness FROM live.library",
    "SELECT films FROM live.library_missing ORDER BY field, band",
)
"""They add up."""
OTHERS = (subjects.BULK_EVENTS, "metarr.evt.job.*", "metarr.evt.claim.*.*", "metarr.evt.provider.*")
MORE = (subjects.SCHEDULE_EVENTS, subjects.RULES_EVENTS)


class Partition:
    """In place of the bus for a feed: the consumer that it asks for is one of a partition."""

    def __init__(self, bus: Bus, part: str) -> None:
        self.nc = bus.nc
        self._bus = bus
        self._part = part

    async def api(self, call: str, body: bytes = b"") -> dict[str, Any]:
        """A call of the JetStream API."""
        if call.startswith("CONSUMER.CREATE"):
            wanted = json.loads(body)
            wanted["stream_name"] = STREAM
            wanted["config"]["filter_subject"] = "part.>" if self._part == ALL else f"part.{self._part}.>"
            body = json.dumps(wanted).encode()
        return await self._bus.api(call.replace(f".{EVENTS}.", f".{STREAM}."), body)


class Part(Feed):
    """Messages of a partition under the subjects that they have in METARR_EVENTS."""

    async def _receive(self, message: Msg) -> None:
        message.subject = message.subject.split(".", 2)[-1]
        await super()._receive(message)


async def partition(bus: Bus, end: int) -> None:
    """Make the stream of partitions and wait until it holds all; its sequences are those of METARR_EVENTS."""
    film = {
        "src": "metarr.evt.movie.*",
        "dest": f"part.{{{{partition({PARTITIONS},1)}}}}.metarr.evt.movie.{{{{wildcard(1)}}}}",
    }
    rest = [{"src": subject, "dest": f"part.0.{wildcards(subject)}"} for subject in (*OTHERS, *MORE)]
    config = {"name": STREAM, "sources": [{"name": EVENTS, "subject_transforms": [film, *rest]}]}
    await bus.api(f"STREAM.CREATE.{STREAM}", json.dumps({**config, "num_replicas": 1, "storage": "file"}).encode())
    while (await bus.stream_state(STREAM)).last_seq < end:
        await asyncio.sleep(0.05)


def wildcards(subject: str) -> str:
    """The subject as the target of a transform."""
    tokens, number = [], 0
    for token in subject.split("."):
        number += token == "*"
        tokens.append(f"{{{{wildcard({number})}}}}" if token == "*" else token)
    return ".".join(tokens)


async def project(nats_url: str, database_url: str, part: str) -> None:
    """Fold a partition into empty read models until it has been silent for a second; says when it began and ended."""
    look_seldom_for_cycles()
    connection = await asyncpg.connect(database_url)
    await prepare(connection)
    before, events = Checkpoint(part, 0, "", 0), 0
    await checkpoints.replace(connection, before)
    async with connect(nats_url, f"partition {part}") as bus, Part(cast("Bus", Partition(bus, part)), 1) as feed:
        began = ended = perf_counter()
        while items := (batch := await next_batch(feed, patience=1)).items:
            after = Checkpoint(part, items[-1].seq, items[-1].id, 0)
            async with connection.transaction():
                await checkpoints.move(connection, before, after)
                await write(connection, LIVE, batch.staged)
            before, events, ended = after, events + len(items), perf_counter()
    await connection.close()
    print(json.dumps([events, began, ended]))


async def timed(nats_url: str, postgres: EmbeddedPostgres, parts: Sequence[str]) -> tuple[list[str], list[int], float]:
    """Project these partitions side by side: their databases, events of each, and events a second of all."""
    urls = [await postgres.create_database(f"partition_{part}") for part in parts]
    for url in urls:
        await migrate(url)
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.partitions", "--of", nats_url, url, part),
            stdout=asyncio.subprocess.PIPE,
        )
        for url, part in zip(urls, parts, strict=True)
    ]
    said = [json.loads((await process.communicate())[0]) for process in processes]
    events = [told[0] for told in said]
    return urls, events, sum(events) / (max(told[2] for told in said) - min(told[1] for told in said))


async def rows(url: str, table: str) -> Counter[str]:
    """All rows of a read model."""
    connection = await asyncpg.connect(url)
    found = await connection.fetch(f"SELECT t::text AS line FROM live.{table} AS t")  # noqa: S608  # a name of ours
    await connection.close()
    return Counter(row["line"] for row in found)


async def counters(urls: Iterable[str]) -> list[int]:
    """The library's counters, those of all databases together."""
    found = []
    for url in urls:
        connection = await asyncpg.connect(url)
        found.append([value for query in COUNTERS for row in await connection.fetch(query) for value in row])
        await connection.close()
    return [sum(values) for values in zip(*found, strict=True)]


async def compare(whole: str, parts: Sequence[str]) -> None:
    """Print how many rows there are and where they differ."""
    for table in (*WHOLE_ROWS, *OF_NO_FILM):
        wanted = await rows(whole, table)
        found: Counter[str] = sum([await rows(url, table) for url in parts], Counter())
        print(f"{table}: {wanted.total()} rows, {'the same' if wanted == found else 'OTHERS: '}", end="")
        print("" if wanted == found else f"{(wanted - found).total()} missing, {(found - wanted).total()} more")
    one, four = await counters([whole]), await counters(parts)
    print(f"{len(one)} counters, {'the same' if one == four else f'OTHERS: {one}, {four}'}")


async def trial(count: int) -> None:
    """Fill a stream, project it in both ways, compare."""
    with tempfile.TemporaryDirectory(prefix="metarr-bench-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        async with server_to_fill(place / "nats") as nats, connect(nats.url, "bench") as bus:
            library = Mixed(1)
            await tell(bus, islice(library.in_order(), count // 2))
            await partition(bus, await tell(bus, islice(library.at_random(), count - count // 2)))
        async with EmbeddedNats(place / "nats") as nats, EmbeddedPostgres(place / "postgres") as postgres:
            (whole,), _, alone = await timed(nats.url, postgres, [ALL])
            parts, events, together = await timed(nats.url, postgres, [str(number) for number in range(PARTITIONS)])
            print(
                f"{count} events; one projection {alone:,.0f}/s; {PARTITIONS} side by side {together:,.0f}/s {events}"
            )
            await compare(whole, parts)


def main() -> None:
    """Run the trial, or one projection of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--of", nargs=3, metavar=("NATS", "DATABASE", "PARTITION"), help=argparse.SUPPRESS)
    told = parser.parse_args()
    asyncio.run(project(*told.of) if told.of else trial(told.events))


if __name__ == "__main__":
    main()
