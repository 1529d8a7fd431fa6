"""The web server: what the channels serve, and whether the house is in order."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web

Check = Callable[[], Awaitable[None]]
_CHECK_SECONDS = 5.0


def application(routes: Iterable[web.AbstractRouteDef], checks: Mapping[str, Check]) -> web.Application:
    """The server's application. `checks` name what must work for it to be ready, and raise if it does not."""
    app = web.Application(client_max_size=1 << 20)
    app.add_routes(routes)
    app.router.add_get("/healthz", _alive)

    async def ready(_: web.Request) -> web.Response:
        found = dict(await asyncio.gather(*(_state(name, check) for name, check in checks.items())))
        good = all(state == "ok" for state in found.values())
        return web.json_response(
            {"status": "ok" if good else "not ready", "checks": found}, status=200 if good else 503
        )

    app.router.add_get("/readyz", ready)
    return app


async def _alive(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _state(name: str, check: Check) -> tuple[str, str]:
    """What a check found; the error's kind alone, since its words may carry an address or a token."""
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except Exception as error:  # noqa: BLE001  whatever it is, it is not ready
        return name, type(error).__name__
    return name, "ok"
