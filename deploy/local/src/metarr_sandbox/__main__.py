"""``python -m metarr_sandbox``: runs the sandbox and prints ``{"url": ...}`` in one line once it listens."""

import argparse
import asyncio
import json
import signal
import sys

from aiohttp import web

from metarr_sandbox.app import create_app

_GRACE = 1.0
"""Seconds that running answers have when the sandbox is told to end."""


async def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; port 0 takes a free one."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(create_app(), access_log=None, shutdown_timeout=_GRACE)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound = runner.addresses[0][1]
        sys.stdout.write(json.dumps({"url": f"http://{host}:{bound}"}) + "\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="metarr_sandbox", description="Local stand-in for TMDB, OMDb and fanart.tv")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3999)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.host, arguments.port))


if __name__ == "__main__":
    main()
