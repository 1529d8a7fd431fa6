"""The webhook: Telegram posts an update and is answered once it is durable, never with a message inside.

Telegram posts a chat's updates one after the other, and one again until it is answered with 2xx, after
`Retry-After` where that is given.
"""

import asyncio
import hmac
import json
from contextlib import suppress

import structlog
from aiogram.methods import GetWebhookInfo, SetWebhook
from aiohttp import web

from bot.channels.telegram_api import ApiFailed, BotApi
from bot.channels.telegram_intake import Intake, NotAnUpdate
from bot.channels.telegram_settings import TelegramSettings
from bot.channels.telegram_updates import ALLOWED_UPDATES
from bot.ports import Overloaded

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

MOST_BYTES = 1 << 20
"""An update is some kilobytes; nothing larger is read."""
MAX_CONNECTIONS = 40
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
_RETRY_OVERLOADED, _RETRY_FAILED = "2", "5"


class WebhookNotSet(Exception):
    """Telegram will not post to us; says why and what to do."""


async def set_webhook(api: BotApi, settings: TelegramSettings) -> None:
    """Tell Telegram where to post to, and check that it noted it. Raises `WebhookNotSet`, `ApiFailed`."""
    url, secret = settings.webhook_url, settings.webhook_secret
    if url is None or secret is None:
        raise WebhookNotSet("TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET are needed in webhook mode")
    method = SetWebhook(
        url=url,
        secret_token=secret.get_secret_value(),
        allowed_updates=ALLOWED_UPDATES,
        max_connections=MAX_CONNECTIONS,
    )
    try:
        await api.call(method)
    except ApiFailed as trouble:
        if type(trouble) is not ApiFailed:
            raise
        raise WebhookNotSet(f"Telegram refused TELEGRAM_WEBHOOK_URL: {trouble.detail}") from None
    noted = await api.call(GetWebhookInfo())
    if noted.url != url or set(noted.allowed_updates or ()) != set(ALLOWED_UPDATES):
        raise WebhookNotSet(
            "Telegram noted another webhook than ours: does another program set one for this bot?"
        )
    if noted.last_error_message:
        _log.info("telegram_webhook_had_failed", error=noted.last_error_message)


class Webhook:
    """Serves the posts. Without an intake (not started, or stopping) it asks Telegram to come again."""

    def __init__(self, settings: TelegramSettings) -> None:
        secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
        self._path = settings.webhook_path
        self._secret = secret.encode()
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.intake: Intake | None = None

    def routes(self) -> list[web.RouteDef]:
        """The one route, to be added to the application's router."""
        return [web.post(self._path, self._handle)]

    async def _handle(self, request: web.Request) -> web.Response:
        given = request.headers.get(_SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not self._secret or not hmac.compare_digest(given, self._secret):
            _log.warning("telegram_webhook_wrong_secret")
            return web.Response(status=401)
        body = await _body(request)
        if body is None:
            return web.Response(status=413)
        return _again(_RETRY_OVERLOADED) if self.intake is None else await self._counted(self.intake, body)

    async def finish(self, limit: float) -> None:
        """Wait at most `limit` seconds for the posts that are being taken in."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._idle.wait()

    async def _counted(self, intake: Intake, body: bytes) -> web.Response:
        self._running += 1
        self._idle.clear()
        try:
            return await _taken(intake, body)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()


async def _body(request: web.Request) -> bytes | None:
    """The body, or `None` if it is too large."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


async def _taken(intake: Intake, body: bytes) -> web.Response:
    try:
        raw = json.loads(body)
        if not isinstance(raw, dict):
            raise NotAnUpdate
        arrival = intake.read(raw)
    except (ValueError, RecursionError) as error:
        _log.warning("telegram_webhook_malformed", size=len(body), error=type(error).__name__)
        return web.Response(status=400)
    try:
        await intake.take(arrival)
    except Overloaded:
        return _again(_RETRY_OVERLOADED)
    except Exception as error:  # noqa: BLE001 - not durable, whatever it is: Telegram shall come again
        _log.error("telegram_update_failed", update_id=arrival.id, error=type(error).__name__)
        return _again(_RETRY_FAILED)
    return web.Response()


def _again(seconds: str) -> web.Response:
    return web.Response(status=503, headers={"Retry-After": seconds})
