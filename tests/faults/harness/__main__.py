"""`make faults SEED=… RUNS=…`: runs with this seed and those after it, a report, and a line each in the ledger."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.faults.harness import ledger
from tests.faults.harness.invariants import asked_again
from tests.faults.harness.plan import CYCLE, Plan, Scale, make_plan
from tests.faults.harness.run import Result, run, run_in_new_folder
from tests.faults.harness.toxiproxy import toxiproxy_program

SHOWN = 12


def main() -> int:
    """Exit code 1 where something was violated."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="of the first run; a random one where it is not given")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--plan", action="store_true", help="print the plan and do nothing")
    parser.add_argument("--cycles", type=int, default=1, help="do the same so often, and see whether memory grows")
    parser.add_argument("--keep", action="store_true", help="keep all files of a run: logs, streams, the database")
    parser.add_argument("--without-ledger", action="store_true", help="append nothing to the ledger")
    told = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if told.seed is None else told.seed
    scale = Scale() if told.cycles == 1 else CYCLE
    plans = [make_plan(seed + number, scale) for number in range(told.runs)]
    if told.plan:
        for plan in plans:
            _print_plan(plan)
        return 0
    if toxiproxy_program() is None:
        sys.stderr.write("toxiproxy-server is not here: tests/faults/harness/fetch_toxiproxy.sh builds it with Go\n")
        return 2
    results = []
    for plan in plans:
        result = asyncio.run(_one(plan, told.cycles, keep=told.keep))
        results.append(result)
        _report(result)
        if not told.without_ledger:
            ledger.append(result)
    _sum_up(results)
    return int(any(result.violated for result in results))


async def _one(plan: Plan, cycles: int, *, keep: bool) -> Result:
    if not keep:
        return await run_in_new_folder(plan, cycles)
    folder = Path(tempfile.mkdtemp(prefix=f"metarr-faults-{plan.seed}-"))
    folder.chmod(0o755)
    print(f"files: {folder}", flush=True)
    return await run(plan, folder, cycles)


def _print_plan(plan: Plan) -> None:
    print(f"seed {plan.seed}: {', '.join(plan.topology.processes)}")
    for number, step in enumerate(plan.steps):
        for fault in plan.beginning(number):
            when = f"until {fault.ends}, value {fault.value:g}, {fault.requests} requests later"
            print(f"  {number:4} {fault.kind} {fault.target}: {when}")
        print(f"  {number:4}   {step.action} {step.film} {step.value}")


def _report(result: Result) -> None:
    seen, plan = result.seen, result.plan
    said = Counter(f"{answer.status} {answer.code}".strip() for answer in seen.answers)
    print(
        f"seed {plan.seed}: {'VIOLATED' if result.violated else 'held'} in {result.seconds:.0f} s; "
        f"{', '.join(plan.topology.processes)}; {seen.jobs} jobs, {len(seen.facts)} events, "
        f"{len(seen.asked)} requests to providers ({len(list(asked_again(seen)))} again, {seen.in_limbo} may be), "
        f"{len(seen.dead)} dead letters, ready after {seen.ready_seconds} s"
    )
    print(f"  faults: {', '.join(f'{fault.kind} {fault.target}' for fault in result.done)}")
    for fault, why in result.left_out.items():
        print(f"  left out: {fault.kind} {fault.target}: {why}")
    print(f"  answers: {dict(said.most_common())}")
    for name, after in seen.memory.items():
        print(f"  MiB of {name}: {', '.join(f'{size / 2**20:.1f}' for size in after)}")
    for name, problems in result.violated.items():
        print(f"  {name}: {len(problems)}")
        for problem in problems[:SHOWN]:
            print(f"    {problem}")
    sys.stdout.flush()


def _sum_up(results: list[Result]) -> None:
    faults = Counter(fault.kind for result in results for fault in result.done)
    violated = Counter(name for result in results for name in result.violated)
    print(f"{len(results)} runs, {faults.total()} faults: {dict(sorted(faults.items()))}")
    print(f"violated: {dict(violated) or 'nothing'}")


if __name__ == "__main__":
    sys.exit(main())
