"""TCP ports of the loopback interface: is one free, which one is."""

import errno
import secrets
import socket

from metarr_local.errors import PortTakenError

LOOPBACK = "127.0.0.1"
FIRST_PORT, LAST_PORT = 20_000, 32_000


def free_port() -> int:
    """Return a port that nobody listened on a moment ago.

    By chance, and below the range that systems give to outgoing connections: what the system itself would offer is
    soon given to somebody else, a connection or another of our processes, before our server listens on it.
    """
    while True:
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        if is_free(port):
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
