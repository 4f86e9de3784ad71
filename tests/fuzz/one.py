"""Fuzzes one rule in this process: `python -m tests.fuzz.one <rule> <file for the slowest> <options of libFuzzer>`."""

import random
import resource
import signal
import sys
from pathlib import Path
from time import perf_counter
from types import FrameType

import atheris

OURS = ["contracts", "chassis", "gateway", "enricher", "projector", "scheduler", "local"]
THEIRS = ["aiohttp.multipart", "itsdangerous"]
"""In pure Python, and given what anybody sends."""
SECONDS = 3.0
"""Of work, for an input. What heeds no signal libFuzzer ends after more seconds of any kind, and Atheris says where."""


MOST_MEMORY = 2**30
"""Bytes that the process may ask for. libFuzzer looks once a second alone, in which it could take all there is."""


class TooSlowError(BaseException):
    """An input takes too long: where it is then stands in the traceback. Nothing that is fuzzed catches it."""


with atheris.instrument_imports(include=[*(f"metarr_{name}" for name in OURS), *THEIRS]):
    from tests.fuzz.mutate import mutated
    from tests.fuzz.rules import RULES


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """As JSON in half of all cases, where it is JSON; else as bytes."""
    changed = mutated(data, seed) if random.Random(seed).random() < 0.5 else None  # noqa: S311 - no secret
    return changed if changed is not None and len(changed) <= max_size else atheris.Mutate(data, max_size)


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlowError(f"more than {SECONDS:g} s of work")


def main(name: str, slowest: Path, options: list[str]) -> None:
    """Fuzz until libFuzzer ends the process. The slowest input so far is kept: a line with its seconds, then itself."""
    most = 0.0

    def hold(data: bytes) -> None:
        nonlocal most
        began = perf_counter()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            RULES[name](data)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        took = perf_counter() - began
        if took > most:
            most = took
            slowest.write_bytes(f"{took:.4f}\n".encode() + data)

    signal.signal(signal.SIGPROF, _too_slow)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    atheris.Setup([sys.argv[0], *options], hold, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
