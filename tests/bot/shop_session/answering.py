"""A server on the loopback that answers as it is told, and sessions that ask it."""

import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from aiohttp import web

from bot.shop_session import Limits, ShopSession

SECRET = "shp-4f1d-never-to-be-seen"
QUICK = Limits(connect=1.0, read=1.0, total=3.0, body=100_000, outage=0.3)
Handler = Callable[[web.Request], Coroutine[object, object, web.StreamResponse]]


class Shop:
    """A server that answers by `handler`; `asked` are the requests that reached it."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.handler: Handler = _echo
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return await self.handler(request)

    def answers(self, *answers: Callable[[], web.StreamResponse]) -> None:
        """One after the other; the last for ever."""
        waiting = list(answers)

        async def handler(_: web.Request) -> web.StreamResponse:
            return (waiting.pop(0) if len(waiting) > 1 else waiting[0])()

        self.handler = handler


async def _echo(request: web.Request) -> web.StreamResponse:
    said = {"path": request.raw_path, "method": request.method, "body": await request.text()}
    return web.json_response(said | {"token": request.headers.get("Authorization")})


def status(code: int, **headers: str) -> Callable[[], web.StreamResponse]:
    return lambda: web.json_response({}, status=code, headers=headers)


def text(body: str | bytes, content_type: str = "application/json") -> Callable[[], web.StreamResponse]:
    raw = body.encode() if isinstance(body, str) else body
    return lambda: web.Response(body=raw, headers={"Content-Type": content_type})


@asynccontextmanager
async def serving(shop: Shop, context: ssl.SSLContext | None = None) -> AsyncIterator[Shop]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", shop.serve)
    runner = web.AppRunner(application, shutdown_timeout=0, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    scheme = "http" if context is None else "https"
    shop.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield shop
    finally:
        await runner.cleanup()


@asynccontextmanager
async def asking(url: str, limits: Limits = QUICK, *, verify: bool = True) -> AsyncIterator[ShopSession]:
    session = ShopSession(url, headers={"Authorization": f"Bearer {SECRET}"}, limits=limits, verify=verify)
    try:
        yield session
    finally:
        await session.close()
