"""The web server: what the channels serve, and whether the house is in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger
from aiohttp.typedefs import Handler

Check = Callable[[], Awaitable[None]]
_Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
_CHECK_SECONDS = 5.0
_UNREADABLE = (web.RequestPayloadError, HttpProcessingError)
"""What came is no HTTP, or its body is not what its headers say: the sender's affair."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


def application(
    routes: Iterable[web.AbstractRouteDef],
    needed: Mapping[str, Check],
    beside: Mapping[str, Check] = MappingProxyType({}),
) -> web.Application:
    """The server's application. A check names what should work, and raises if it does not.

    Without what is `needed` it is not ready for customers; without what is `beside` it is, if degraded.
    """
    app = web.Application(client_max_size=1 << 20, middlewares=[_readable])
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


class _ServerLog(logging.LoggerAdapter[logging.Logger]):
    """The server's log. What cannot be read is a line of its own: a traceback holds what was sent."""

    def log(self, level: int, msg: object, *args: object, **more: object) -> None:
        """Log it. An exception comes as `exc_info`."""
        if isinstance(cause := more.get("exc_info"), _UNREADABLE):
            _log.info("a request could not be read", kind=type(cause).__name__)
        else:
            super().log(level, msg, *args, **more)  # type: ignore[arg-type]


class _Runner(web.AppRunner):
    """Looks at what a request expects before the application does, which cannot answer what is no text."""

    async def setup(self) -> None:
        """Get ready to serve."""
        await super().setup()
        if self.server is not None:
            self.server.request_handler = _expecting_text(self.server.request_handler)


def _expecting_text(handler: _Handle) -> _Handle:
    async def handled(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Expect", "").isascii():
            return await handler(request)
        return web.Response(status=HTTPStatus.EXPECTATION_FAILED, text="Expect 100-continue, or nothing.")

    return handled


def runner(app: web.Application, *, last_requests: float) -> web.AppRunner:
    """What serves an application; requests under way at its end have `last_requests` seconds."""
    return _Runner(
        app,
        logger=_ServerLog(server_logger),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=last_requests,
    )


@web.middleware
async def _readable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 400 where a handler cannot read what came, or its sender left before the end of it."""
    try:
        response = await handler(request)
    except (*_UNREADABLE, ConnectionError) as error:
        if isinstance(error, ConnectionError) and error is not request.content.exception():
            raise  # another connection than the sender's
        response = web.Response(status=HTTPStatus.BAD_REQUEST, text="The body of the request cannot be read.")
    except web.HTTPException as refused:
        _close_if_broken(request, refused)
        raise
    _close_if_broken(request, response)
    return response


def _close_if_broken(request: web.Request, response: web.StreamResponse) -> None:
    """After a body that cannot be read no other request can be found on the connection."""
    if request.content.exception() is not None and not response.prepared:
        response.force_close()


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
