"""TCP ports of the loopback interface: is one free, which one is."""

import atexit
import errno
import secrets
import socket
from collections.abc import Iterator
from functools import cache
from itertools import cycle, islice

from metarr_local.errors import NoFreePortError, PortTakenError

LOOPBACK = "127.0.0.1"
FIRST_PORT, LAST_PORT, BLOCK = 20_000, 32_000, 100


def free_port(besides: int | None = None) -> int:
    """Return a port that nobody listens on now, and that no other process of ours is given before it is used.

    Out of a block that belongs to this process until it ends, one after the other; and below the range that systems
    give to outgoing connections. A port by chance, or the one that the system itself would offer, is soon given to
    somebody else, a connection or another of our processes, before our server listens on it. `besides` is one that
    is promised already.
    """
    block, ports, _ = _block_of_this_process()
    for port in islice(ports, len(block)):
        if port != besides and is_free(port):
            return port
    raise NoFreePortError(block.start, block.stop - 1)


@cache
def _block_of_this_process() -> tuple[range, Iterator[int], socket.socket]:
    """The block, its ports in turn, and what holds it: a UDP socket of its first number, closed with the process."""
    blocks = [range(first, first + BLOCK) for first in range(FIRST_PORT, LAST_PORT, BLOCK)]
    for block in secrets.SystemRandom().sample(blocks, len(blocks)):
        lease = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            lease.bind((LOOPBACK, block.start))
        except OSError:
            lease.close()
        else:
            atexit.register(lease.close)
            return block, cycle(block), lease
    raise NoFreePortError(FIRST_PORT, LAST_PORT - 1)


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
