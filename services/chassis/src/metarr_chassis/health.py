"""`/healthz` says that the process lives, `/readyz` whether it can do its work and, if not, why."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web


class Readiness:
    """Parts of a service and whether each can work."""

    def __init__(self) -> None:
        self._problems: dict[str, str | None] = {}

    def set(self, part: str, *, ready: bool, why: str = "starting") -> None:
        """Say how a part is; `why` is for a person and shown while it is not ready."""
        self._problems[part] = None if ready else why

    def problems(self) -> dict[str, str]:
        """The parts that cannot work, each with its reason."""
        return {part: why for part, why in self._problems.items() if why is not None}


async def healthz(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "alive"})


def readyz(readiness: Readiness) -> web.Response:
    """200 when every part can work, else 503 and what is missing."""
    problems = readiness.problems()
    if problems:
        return web.json_response({"status": "not ready", "problems": problems}, status=503)
    return web.json_response({"status": "ready"})


@contextlib.asynccontextmanager
async def serve_health(readiness: Readiness, host: str, port: int | None) -> AsyncIterator[None]:
    """Serve both on a port of their own while the context is open; without a port nothing happens."""
    if port is None:
        yield
        return
    app = web.Application()

    async def ready(_request: web.Request) -> web.Response:
        return readyz(readiness)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", ready)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()
