"""`/healthz` says that the process lives, `/readyz` whether it can do its work and, if not, why; `/metrics` beside."""

import contextlib
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from metarr_chassis.metrics import metrics


class Readiness:
    """Parts of a service and whether each can work."""

    def __init__(self) -> None:
        self._problems: dict[str, str | None] = {}
        self._watched: dict[str, tuple[Callable[[], bool], str]] = {}
        self._stopping = False

    def set(self, part: str, *, ready: bool, why: str = "starting") -> None:
        """Say how a part is; `why` is for a person and shown while it is not ready."""
        self._problems[part] = None if ready else why

    def watch(self, part: str, works: Callable[[], bool], why: str) -> None:
        """A part that is looked at whenever somebody asks."""
        self._watched[part] = (works, why)

    def stop(self) -> None:
        """From now on the service is not ready, whatever its parts say: it ends."""
        self._stopping = True

    def problems(self) -> dict[str, str]:
        """The parts that cannot work, each with its reason."""
        if self._stopping:
            return {"service": "stopping"}
        told = {part: why for part, why in self._problems.items() if why is not None}
        return told | {part: why for part, (works, why) in self._watched.items() if not works()}


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
    """Serve all three on a port of their own while the context is open; without a port nothing happens."""
    if port is None:
        yield
        return
    app = web.Application()

    async def ready(_request: web.Request) -> web.Response:
        return readyz(readiness)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()
