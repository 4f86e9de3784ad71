"""Fuzzes every rule, two at a time, and prints what came of it; what broke a rule is kept under `build/fuzz`."""

import argparse
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from time import perf_counter

from tests.fuzz.rules import RULES
from tests.fuzz.seeds import LARGEST, ROOT, seeds

FOLDER = ROOT / "build" / "fuzz"
INPUT_SECONDS = 30
"""Of any kind; of work it may be fewer, which a busy machine does not count."""
MEGABYTES = 512
AT_A_TIME = 2
EXECUTED = re.compile(r"stat::number_of_executed_units: (\d+)")
PEAK = re.compile(r"stat::peak_rss_mb: +(\d+)")


def fuzz(rule: str, runs: int, seed: int) -> tuple[bool, str]:
    """Fuzz a rule; whether it held, and a line about it."""
    folder = FOLDER / rule
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for content in seeds(rule):
        (corpus / sha256(content).hexdigest()[:16]).write_bytes(content)
    slowest, log = folder / "slowest", folder / "log"
    limits = [f"-timeout={INPUT_SECONDS}", f"-rss_limit_mb={MEGABYTES}", f"-max_len={LARGEST}"]
    options = [f"-runs={runs}", f"-seed={seed}", *limits, f"-artifact_prefix={folder}/", "-print_final_stats=1"]
    began = perf_counter()
    with log.open("wb") as output:
        command = [sys.executable, "-m", "tests.fuzz.one", rule, str(slowest), *options, str(corpus)]
        code = subprocess.run(command, stdout=output, stderr=output, check=False, cwd=ROOT).returncode  # noqa: S603
    took = perf_counter() - began
    said = log.read_text("utf-8", "replace")
    executed, peak = EXECUTED.search(said), PEAK.search(said)
    inputs = int(executed[1]) if executed else 0
    longest = float(slowest.read_bytes().partition(b"\n")[0]) * 1000 if slowest.exists() else 0
    verdict = "held" if code == 0 else f"BROKEN, see {log.relative_to(ROOT)}"
    figures = f"{inputs:>9,} {took:>6.0f} s {longest:>8.1f} ms {peak[1] if peak else '?':>5} MB"
    return code == 0, f"{rule:<12} {figures}  {verdict}"


def main() -> int:
    """1 where a rule was broken."""
    arguments = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    arguments.add_argument("--runs", type=int, default=100_000, help="inputs of all rules together")
    arguments.add_argument("--seed", type=int, default=0, help="0: another one each time")
    arguments.add_argument("rules", nargs="*", help="rules to fuzz; all without any")
    asked = arguments.parse_args()
    chosen = asked.rules or [*RULES]
    runs = -(-asked.runs // len(chosen))
    sys.stdout.write(f"{'rule':<12} {'inputs':>9} {'time':>8} {'slowest':>11} {'memory':>8}\n")
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        results = []
        for held, line in pool.map(lambda rule: fuzz(rule, runs, asked.seed), chosen):
            results.append(held)
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
