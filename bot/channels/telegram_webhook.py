"""The webhook: Telegram posts an update and is answered once it is durable, never with a message inside.

Telegram posts a chat's updates one after the other, and one again until it is answered with 2xx, after
`Retry-After` where that is given.
"""

import structlog
from aiogram.methods import GetWebhookInfo, SetWebhook
from aiohttp import web

from bot.channels.telegram_api import ApiFailed, BotApi
from bot.channels.telegram_intake import Intake
from bot.channels.telegram_posts import Posts
from bot.channels.telegram_settings import TelegramSettings
from bot.channels.telegram_updates import ALLOWED_UPDATES, Arrival

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

MAX_CONNECTIONS = 40
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name


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


class Webhook(Posts):
    """Serves Telegram's posts."""

    def __init__(self, settings: TelegramSettings) -> None:
        secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
        super().__init__(settings.webhook_path, secret)

    def _given(self, request: web.Request) -> str:
        return request.headers.get(_SECRET_HEADER, "")

    async def _taken(self, intake: Intake, arrival: Arrival) -> web.Response:
        await intake.take(arrival)
        return web.Response()
