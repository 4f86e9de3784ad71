"""The rival of row 10: aiohttp alone, which sends to every client what one of them says. `python -m ...`.

Prints its port.
"""

import asyncio

from aiohttp import WSMsgType, web


async def serve() -> None:
    """Serve until the process is ended."""
    clients: set[web.WebSocketResponse] = set()

    async def broadcast(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        clients.add(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    # One after the other is the fastest form: none of them has to wait, so a task each is only work.
                    for client in tuple(clients):
                        await client.send_str(message.data)
        finally:
            clients.discard(socket)
        return socket

    app = web.Application()
    app.router.add_get("/ws", broadcast)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
