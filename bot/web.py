"""The web server: what the channels serve, and whether the house is in order."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType

from aiohttp import web

Check = Callable[[], Awaitable[None]]
_CHECK_SECONDS = 5.0


def application(
    routes: Iterable[web.AbstractRouteDef],
    needed: Mapping[str, Check],
    beside: Mapping[str, Check] = MappingProxyType({}),
) -> web.Application:
    """The server's application. A check names what should work, and raises if it does not.

    Without what is `needed` it is not ready for customers; without what is `beside` it is, if degraded.
    """
    app = web.Application(client_max_size=1 << 20)
    app.add_routes(routes)
    app.router.add_get("/healthz", _alive)

    async def ready(_: web.Request) -> web.Response:
        checks = {**needed, **beside}
        found = dict(await asyncio.gather(*(_state(name, check) for name, check in checks.items())))
        failed = {name for name, state in found.items() if state != "ok"}
        serves = failed.isdisjoint(needed)
        status = "not ready" if not serves else "degraded" if failed else "ok"
        return web.json_response({"status": status, "checks": found}, status=200 if serves else 503)

    app.router.add_get("/readyz", ready)
    return app


async def _alive(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _state(name: str, check: Check) -> tuple[str, str]:
    """What a check found; the error's kind alone, since its words may carry an address or a token."""
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except Exception as error:  # noqa: BLE001  whatever it is, it does not work
        return name, type(error).__name__
    return name, "ok"
