"""Ports for servers of ours: no two processes are given the same one."""

import asyncio
import socket
import sys

from metarr_local.ports import BLOCK, FIRST_PORT, LAST_PORT, LOOPBACK, free_port, is_free

ASKING = "from metarr_local.ports import free_port; print(*(free_port() for _ in range(50)), flush=True); input()"


async def _ask() -> tuple[asyncio.subprocess.Process, set[int]]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", ASKING, stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    return process, set(map(int, (await process.stdout.readline()).split()))


async def test_processes_that_ask_at_the_same_time_get_different_ports() -> None:
    """A port that one process was given and does not listen on yet is not given to another."""
    asked = await asyncio.gather(*(_ask() for _ in range(4)))
    for process, _ in asked:
        await process.communicate(b"\n")
    ports = [ports for _, ports in asked]
    assert all(len(some) == 50 for some in ports)
    assert len(set().union(*ports)) == 200


def test_a_port_is_not_given_again_soon() -> None:
    """One after the other, below the range of outgoing connections; what somebody listens on is passed over."""
    first = free_port()
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((LOOPBACK, first))
        server.listen()
        assert not is_free(first)
        later = [free_port() for _ in range(BLOCK)]
    assert first not in later
    assert all(FIRST_PORT <= port < LAST_PORT for port in later)


def test_a_promised_port_is_passed_over() -> None:
    """What a server of ours is going to listen on is given to nobody else, though it is free still."""
    promised = free_port() + 1
    assert promised not in [free_port(besides=promised) for _ in range(BLOCK)]
