"""A served web chat over the house in memory, and a client of its protocol, as small as one can be."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.webchat import WebChat

Client = TestClient[web.Request, web.Application]
Start = Callable[..., Awaitable[tuple[Client, WebChat]]]
UNHURRIED = {"frames_per_second": 1000, "frames_burst": 1000}


class Served(TestServer):
    """A test server that lets a handler finish when its client leaves, as the product's server does."""

    async def _make_runner(self, **_: object) -> web.AppRunner:
        return web.AppRunner(self.app, handler_cancellation=False)


async def new_token(client: Client) -> str:
    response = await client.post("/chat/session")
    assert response.status == 200
    return str((await response.json())["token"])


class Talk:
    """A client of the protocol, as small as one can be."""

    def __init__(self, ws: ClientWebSocketResponse) -> None:
        self.ws = ws

    async def send(self, **frame: object) -> None:
        await self.ws.send_str(json.dumps(frame))

    async def next(self, kind: str | None = None) -> dict[str, object]:
        """The next frame, or the next of one type."""
        while True:
            async with asyncio.timeout(5):
                frame: dict[str, object] = json.loads(await self.ws.receive_str())
            if kind is None or frame["type"] == kind:
                return frame

    async def texts(self, count: int) -> list[object]:
        return [(await self.next("message"))["text"] for _ in range(count)]

    async def closed(self) -> int | None:
        async with asyncio.timeout(5):
            while not self.ws.closed:
                await self.ws.receive()
        return self.ws.close_code


async def connect(client: Client, token: str, after: int = 0, **hello: object) -> Talk:
    talk = Talk(await client.ws_connect("/chat/ws"))
    await talk.send(type="hello", token=token, after=after, **hello)
    return talk
