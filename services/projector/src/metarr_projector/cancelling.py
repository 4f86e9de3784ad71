"""A way out for loops whose cancellation was lost."""

import asyncio


def end_if_cancelled() -> None:
    """Raise CancelledError if this task was told to end and goes on regardless.

    `asyncio.wait_for` of Python 3.11, which the NATS client uses, loses a cancellation that comes in the same turn of
    the loop as its result; a loop that only waits would then go on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
