"""TCP ports of the loopback interface: is one free, which one is."""

import errno
import socket

from metarr_local.errors import PortTakenError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether nobody listens there now; connections that are still closing do not count.

    A port that we may not use for another reason counts as free: the server that wants it knows better what is wrong.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
        return True


def require_free(port: int, wanted_by: str, setting: str) -> None:
    """Raise PortTakenError when `port` is taken."""
    if not is_free(port):
        raise PortTakenError(port, wanted_by, setting)
