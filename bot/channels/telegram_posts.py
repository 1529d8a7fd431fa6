"""Updates that are posted to us: who may post, what is too large, and that a post under way is finished."""

import asyncio
import hmac
from abc import ABC, abstractmethod
from contextlib import suppress

import structlog
from aiohttp import web

from bot.channels.telegram_intake import Intake
from bot.channels.telegram_updates import Arrival
from bot.channels.telegram_wire import NotAnUpdate, receive
from bot.ports import Overloaded

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

MOST_BYTES = 1 << 20
"""An update is some kilobytes; nothing larger is read."""
_RETRY_OVERLOADED, _RETRY_FAILED = "2", "5"


class Posts(ABC):
    """Serves posts. Without an intake (not started, or stopping) it asks the sender to come again."""

    def __init__(self, path: str, secret: str) -> None:
        self._path = path
        self._secret = secret.encode()
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.intake: Intake | None = None

    def routes(self) -> list[web.RouteDef]:
        """What is to be added to the application's router."""
        return [web.post(self._path, self._handle)]

    @abstractmethod
    def _given(self, request: web.Request) -> str:
        """The secret that came with a request."""

    @abstractmethod
    async def _taken(self, intake: Intake, arrival: Arrival) -> web.Response:
        """Take an update in and say so. Raises what the door raises; it is not durable then."""

    def _refused(self, request: web.Request) -> web.Response | None:
        given = self._given(request).encode("utf-8", "surrogateescape")
        if self._secret and hmac.compare_digest(given, self._secret):
            return None
        _log.warning("telegram_post_wrong_secret", path=self._path)
        return web.Response(status=401)

    async def _handle(self, request: web.Request) -> web.Response:
        if (refused := self._refused(request)) is not None:
            return refused
        body = await _body(request)
        if body is None:
            return web.Response(status=413)
        return again(_RETRY_OVERLOADED) if self.intake is None else await self._counted(self.intake, body)

    async def finish(self, limit: float) -> None:
        """Wait at most `limit` seconds for the posts that are being taken in."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._idle.wait()

    async def _counted(self, intake: Intake, body: bytearray) -> web.Response:
        self._running += 1
        self._idle.clear()
        try:
            return await self._answered(intake, body)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def _answered(self, intake: Intake, body: bytearray) -> web.Response:
        try:
            arrival = intake.read(receive(body))
        except NotAnUpdate as error:
            _log.warning("telegram_post_malformed", size=len(body), error=str(error))
            return web.Response(status=400)
        try:
            return await self._taken(intake, arrival)
        except Overloaded:
            return again(_RETRY_OVERLOADED)
        except Exception as error:  # noqa: BLE001 - not durable, whatever it is: the sender shall come again
            _log.error("telegram_update_failed", update_id=arrival.id, error=type(error).__name__)
            return again(_RETRY_FAILED)


async def _body(request: web.Request) -> bytearray | None:
    """The body, or `None` if it is too large."""
    body = bytearray()
    while chunk := await request.content.readany():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return body


def again(seconds: str = _RETRY_OVERLOADED) -> web.Response:
    """Not now: come again."""
    return web.Response(status=503, headers={"Retry-After": seconds})
