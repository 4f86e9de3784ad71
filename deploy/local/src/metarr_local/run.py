"""`metarr run`: everything on this machine, in one process tree, until it is told to stop."""

import asyncio
import signal
import sys
from collections.abc import Iterator

from metarr_chassis.settings import REFUSED_EXIT_CODE
from metarr_local.console import Console
from metarr_local.errors import LocalError, RefusedSettingsError, reason
from metarr_local.keeper import Keeper
from metarr_local.settings import RunSettings
from metarr_local.stack import run_stack

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(settings: RunSettings) -> int:
    """Run until Ctrl-C (exit code 0) or until something is past help (1), or refuses its settings (2)."""
    console = Console(sys.stdout)
    try:
        asyncio.run(_until_told(settings, console))
    except ExceptionGroup as group:
        expected, others = group.split((LocalError, OSError))
        if others:
            raise others from None
        leaves = list(_leaves(expected))
        for sentence in dict.fromkeys(map(reason, leaves)):
            console.say(f"Error: {sentence}")
        return REFUSED_EXIT_CODE if any(isinstance(leaf, RefusedSettingsError) for leaf in leaves) else 1
    return 0


async def _until_told(settings: RunSettings, console: Console) -> None:
    tasks = asyncio.TaskGroup()
    keeper = Keeper(tasks, console.say)
    work = asyncio.create_task(_work(settings, console, tasks, keeper))
    hurry: list[asyncio.Task[None]] = []

    def told() -> None:
        if not work.cancelling():
            console.say("Stopping ... (once more to hurry)")
            work.cancel()
        elif not hurry:
            console.say("Ending at once.")
            hurry.append(asyncio.create_task(keeper.kill()))

    for number in STOPS:
        # `nohup metarr run` outlives its terminal. SIGINT ends it even where a script has started it in the background,
        # whose shell has it ignored.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, told)
    try:
        await work
    except asyncio.CancelledError:
        console.say("Stopped.")
    await asyncio.gather(*hurry)


async def _work(settings: RunSettings, console: Console, tasks: asyncio.TaskGroup, keeper: Keeper) -> None:
    async with tasks:
        await run_stack(settings, keeper, console)


def _leaves(error: BaseException | None) -> Iterator[BaseException]:
    """The errors in a group, however deep."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    elif error:
        yield error
