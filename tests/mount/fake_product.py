"""A product that a test plays: it answers what it is told to, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

SECRET = "a-mount_secret-nobody-may-see"


class Fake:
    """Takes posts; `gates` hold some of them up, and `up` is false while nobody answers."""

    def __init__(self) -> None:
        self.open: dict[str, float] = {}
        self.answers: list[web.Response] = []
        self.posts: list[int] = []
        self.updates: list[dict[str, object]] = []
        self.secrets: set[str] = set()
        self.connections: set[object] = set()
        self.gates: dict[int, asyncio.Event] = {}
        self.arrived = asyncio.Event()
        self.up = True
        self.claimed, self.seconds = True, 900.0
        self.url = ""

    async def has(self, update_id: int, seconds: float = 5.0) -> None:
        """Wait until it was asked about this update."""
        async with asyncio.timeout(seconds):
            while update_id not in self.posts:
                self.arrived.clear()
                await self.arrived.wait()

    async def take(self, request: web.Request) -> web.Response:
        self.secrets.add(request.headers["Authorization"])
        self.connections.add(request.transport and request.transport.get_extra_info("peername"))
        update = await request.json()
        self.posts.append(update["update_id"])
        self.updates.append(update)
        self.arrived.set()
        if not self.up and request.transport is not None:
            request.transport.abort()
        if (gate := self.gates.get(update["update_id"])) is not None:
            await gate.wait()
        if self.answers:
            return self.answers.pop(0)
        return web.json_response({"claimed": self.claimed, "open": self.seconds})

    async def chats(self, request: web.Request) -> web.Response:
        if not self.up and request.transport is not None:
            request.transport.abort()
        return web.json_response({"open": self.open})


@asynccontextmanager
async def product() -> AsyncIterator[Fake]:
    fake = Fake()
    app = web.Application()
    app.router.add_post("/telegram/updates", fake.take)
    app.router.add_get("/telegram/chats", fake.chats)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield fake
    finally:
        await runner.cleanup()
