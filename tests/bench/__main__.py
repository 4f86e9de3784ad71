"""Measures the product beside its ceilings and prints a table; `make bench`, `make bench-long`.

Run: `python -m tests.bench --only appending sockets --rounds 5`.
"""

import argparse
import asyncio
import importlib
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, cast

from tests.bench.figures import Figure
from tests.bench.noise import Noise, machine
from tests.bench.report import as_json, notes, number, table
from tests.bench.rounds import Size

Measure = Callable[[Size], AsyncIterator[Figure]]


@dataclass(frozen=True)
class Bench:
    """A module of this folder with `measure`, and the rows of the table that it fills."""

    name: str
    rows: tuple[int, ...]
    long: bool = False

    @property
    def measure(self) -> Measure:
        """Its figures, one after the other."""
        return cast("Measure", importlib.import_module(f"tests.bench.{self.name}").measure)


BENCHES = (
    Bench("reading", (1, 2, 3)),
    Bench("projection", (4,)),
    Bench("one_film", (6,)),
    Bench("library_run", (7, 8)),
    Bench("sockets", (10,)),
    Bench("appending", (11,)),
    Bench("footprint", (12,)),
    Bench("rebuild", (5,), long=True),
    Bench("replicas", (9,), long=True),
    Bench("disk", (13,), long=True),
)


async def run(benches: Sequence[Bench], size: Size, noise: Noise) -> list[Figure]:
    """Measure one after the other; says what it is at on standard error."""
    figures: list[Figure] = []
    for bench in benches:
        began = perf_counter()
        noise.look()
        async with aclosing(cast("Any", bench.measure(size))) as found:
            figures += [figure async for figure in found]
        sys.stderr.write(f"{bench.name}: {perf_counter() - began:.0f} s\n")
    noise.look()
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="those that take long, instead of the others")
    parser.add_argument("--only", nargs="+", choices=[bench.name for bench in BENCHES], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="as little as shows that all works; figures mean nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures of all rounds go")
    told = parser.parse_args()
    chosen = [bench for bench in BENCHES if (bench.name in told.only if told.only else bench.long == told.long)]
    began, noise = perf_counter(), Noise()
    figures = sorted(asyncio.run(run(chosen, Size(told.rounds, told.small), noise)), key=lambda figure: figure.row)
    print(table(figures))
    print(f"\n{notes(figures)}".rstrip())
    work, here = noise.work_ms, machine()
    print(
        f"\n{told.rounds} rounds in {(perf_counter() - began) / 60:.0f} min on {here.processors} processors, "
        f"Python {here.python}, {here.system}. Noise: a fixed piece of work took {number(work.median)} ms "
        f"({number(work.least)} to {number(work.greatest)}), {100 * noise.stolen:.1f} % of all time was taken away."
    )
    if told.json:
        about = {
            "measuredAt": datetime.now(UTC).isoformat(timespec="seconds"),
            "rounds": told.rounds,
            "machine": asdict(here),
            "noise": {"workMs": asdict(work), "stolen": noise.stolen},
        }
        told.json.parent.mkdir(parents=True, exist_ok=True)
        told.json.write_text(as_json(figures, about) + "\n")


if __name__ == "__main__":
    main()
