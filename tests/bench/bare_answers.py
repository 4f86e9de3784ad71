"""The rival of row 2: aiohttp alone, which answers what it is given, whatever is asked. Run: `python -m ... FILE`.

Prints its port.
"""

import asyncio
import sys
from pathlib import Path

from aiohttp import web


async def serve(body: bytes) -> None:
    """Serve until the process is ended."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/api/movies/enrichment/stats", answer)
    app.router.add_get("/api/movies/{id}/enrichment-status", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]).read_bytes()))
