"""Where the `metarr` command begins."""

import signal
import sys


def main() -> int:
    """Carry out the command, see `cli`; Ctrl-C ends it without a word while it is imported, which takes a moment."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from metarr_local import cli  # noqa: PLC0415 - this is what takes a moment

    signal.signal(signal.SIGINT, handler)
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
