"""Standard output for log lines: those of one turn of the event loop are written in one go, at its end.

To write each by itself takes a busy service a tenth of its processor time. What tells of trouble waits for nothing, the
order stays, and before the loop waits for anything all is written; only a process that is killed keeps to itself what
it did in the turn that it was in.
"""

import asyncio
import atexit
import logging
import sys
from collections import deque
from threading import RLock


class LogOutput:
    """As structlog wants it: a method for each level, called with a line."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        # What is collected while a line is written may have something to say itself, in the middle of it.
        self._writing = RLock()
        self._planned: asyncio.AbstractEventLoop | None = None
        """Which loop is to write; one that has ended does not."""

    def info(self, line: str) -> None:
        """Write a line, soon."""
        self._lines.append(line)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
            return
        if self._planned is not loop:
            self._planned = loop
            loop.call_soon(self._end_turn)

    def error(self, line: str) -> None:
        """Write a line now, and all before it."""
        self._lines.append(line)
        self.flush()

    debug = info
    warning = exception = critical = error

    def flush(self) -> None:
        """Write what waits."""
        with self._writing:
            lines = []
            # Another thread may add a line meanwhile, which is not to be lost: it is written here or by that thread.
            while self._lines:
                lines.append(self._lines.popleft())
            if lines:
                sys.stdout.write("".join(f"{line}\n" for line in lines))
                sys.stdout.flush()

    def _end_turn(self) -> None:
        self._planned = None
        self.flush()


class LibraryLines(logging.StreamHandler):  # type: ignore[type-arg]  # of standard output
    """What libraries say through `logging`, after the lines that were said before it."""

    def __init__(self, output: LogOutput) -> None:
        super().__init__(sys.stdout)
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Write it now."""
        self._output.flush()
        super().emit(record)


OUTPUT = LogOutput()
"""That of this process."""
atexit.register(OUTPUT.flush)
