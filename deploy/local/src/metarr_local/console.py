"""The terminal, shared by all processes: whole lines only, and silence once nobody reads any more."""

import os
from typing import TextIO

from metarr_local.prefix import colour_wanted, prefixed


class Console:
    """Writes lines to `out`."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._colour = colour_wanted(os.environ, is_terminal=out.isatty())
        self._gone = False

    def line(self, name: str, text: str) -> None:
        """Show a line of the process `name`."""
        self.plain(prefixed(name, text, colour=self._colour))

    def say(self, text: str) -> None:
        """Show lines of our own."""
        for line in text.splitlines():
            self.line("metarr", line)

    def plain(self, text: str) -> None:
        """Show text as it is."""
        if self._gone:
            return
        try:
            self._out.write(f"{text}\n")
            self._out.flush()
        except BrokenPipeError:
            # Whoever read us went away (`metarr run | head`): that is no reason to stop serving.
            self._gone = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())
