"""Where the `metarr` command begins."""

import signal
import subprocess
import sys

import pytest

INTERRUPTED_IMPORT = """
import signal, sys
from metarr_local.__main__ import main

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "metarr_local.cli":
            signal.raise_signal(signal.SIGINT)

# The tests may run in the background themselves, with the signal ignored.
signal.signal(signal.SIGINT, signal.SIG_IGN if sys.argv[1] == "ignored" else signal.default_int_handler)
sys.meta_path.insert(0, Interrupting())
sys.argv = ["metarr", "--help"]
main()
"""


@pytest.mark.parametrize(("before", "code"), [("as usual", -signal.SIGINT), ("ignored", 0)])
def test_an_interrupt_during_the_imports_leaves_no_traceback(before: str, code: int) -> None:
    """The shell's word for it is enough; who has it ignored, as in the background, is not interrupted."""
    ended = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", INTERRUPTED_IMPORT, before], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (code, "")
