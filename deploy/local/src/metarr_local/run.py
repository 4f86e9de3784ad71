"""`metarr run`: everything on this machine, in one process tree, until it is told to stop."""

import asyncio
import signal
import sys
from collections.abc import Iterator

from metarr_local.console import Console
from metarr_local.errors import LocalError, reason
from metarr_local.keeper import Keeper, Kept
from metarr_local.settings import RunSettings
from metarr_local.stack import run_stack

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(settings: RunSettings) -> int:
    """Run until Ctrl-C (exit code 0) or until something is past help (1)."""
    console = Console(sys.stdout)
    try:
        asyncio.run(_until_told(settings, console))
    except ExceptionGroup as group:
        expected, others = group.split((LocalError, OSError))
        if others:
            raise others from None
        for sentence in dict.fromkeys(map(reason, _leaves(expected))):
            console.say(f"Error: {sentence}")
        return 1
    return 0


async def _until_told(settings: RunSettings, console: Console) -> None:
    processes: list[Kept] = []
    work = asyncio.create_task(_work(settings, console, processes))
    hurry: list[asyncio.Task[None]] = []

    def told() -> None:
        if not work.cancelling():
            console.say("Stopping ... (once more to hurry)")
            work.cancel()
        else:
            hurry.append(asyncio.create_task(_kill(processes)))

    for number in STOPS:
        # What is ignored from the start stays ignored: `nohup metarr run` outlives its terminal.
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, told)
    try:
        await work
    except asyncio.CancelledError:
        console.say("Stopped.")
    await asyncio.gather(*hurry)


async def _work(settings: RunSettings, console: Console, processes: list[Kept]) -> None:
    async with asyncio.TaskGroup() as tasks:
        await run_stack(settings, Keeper(tasks, processes, console.say), console)


async def _kill(processes: list[Kept]) -> None:
    await asyncio.gather(*(process.kill() for process in processes))


def _leaves(error: BaseException | None) -> Iterator[BaseException]:
    """The errors in a group, however deep."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    elif error:
        yield error
