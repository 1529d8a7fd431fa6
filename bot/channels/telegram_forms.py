"""The three ways updates reach us, behind one set of verbs: polling, webhook, mounted in a shop's own bot."""

import asyncio
from typing import Protocol

import structlog
from aiogram.methods import DeleteWebhook
from aiohttp import web

from bot.channels.telegram_api import BotApi
from bot.channels.telegram_backoff import Backoff
from bot.channels.telegram_intake import Intake
from bot.channels.telegram_lease import Lease, Leases
from bot.channels.telegram_mounted import Chats, Mounted
from bot.channels.telegram_polling import CONFLICT, Poller, Tempo
from bot.channels.telegram_posts import Posts
from bot.channels.telegram_settings import TelegramMode, TelegramSettings
from bot.channels.telegram_webhook import Webhook, set_webhook

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Form(Protocol):
    """One way. `has_menus` says whether the bot's menu of commands is ours to set."""

    has_menus: bool

    def routes(self) -> list[web.RouteDef]:
        """What the web server serves for us."""

    def open(self, intake: Intake) -> None:
        """Updates may come from now on."""

    async def prepare(self) -> None:
        """Tell Telegram what it must know. Raises `WebhookNotSet`, `ApiFailed`, `ChannelBusy`."""

    async def run(self) -> None:
        """Take updates in until cancelled."""

    def close(self) -> None:
        """Take no more in."""

    async def finish(self) -> None:
        """Finish what was taken in, once `run` has ended."""

    def trouble(self) -> str | None:
        """What is wrong, if something is."""


class ByPolling:
    """We ask Telegram, if no other process that shares our store does."""

    has_menus = True

    def __init__(self, api: BotApi, tempo: Tempo, lease: Lease) -> None:
        self._api = api
        self._tempo = tempo
        self._lease = lease
        self._poller: Poller | None = None

    def routes(self) -> list[web.RouteDef]:
        """Nothing is served."""
        return []

    def open(self, intake: Intake) -> None:
        """Make ready to poll."""
        self._poller = Poller(self._api, intake, self._tempo)

    async def prepare(self) -> None:
        """While a webhook is set, Telegram refuses to be polled. What waits for it is kept."""
        await self._api.call(DeleteWebhook(drop_pending_updates=False))

    async def run(self) -> None:
        """Poll while the lease is ours. A mistake of ours does not end it, and is logged."""
        pauses = Backoff(self._tempo.first_pause, self._tempo.longest_pause)
        while self._poller is not None:
            await self._lease.wait()
            tasks = [asyncio.create_task(self._poller.run()), asyncio.create_task(self._lease.keep())]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
            if failures := [type(each).__name__ for each in ended if isinstance(each, Exception)]:
                _log.error("telegram_polling_crashed", error=", ".join(failures))
                await asyncio.sleep(pauses.pause())
            else:
                pauses.reset()

    def close(self) -> None:
        """Polling ends with `run`."""

    async def finish(self) -> None:
        """Finish what is under way, confirm it if the updates are still ours, and let another poll."""
        if self._poller is not None:
            await self._poller.finish(confirm=self._lease.held)
        await self._lease.leave()

    def trouble(self) -> str | None:
        """Somebody else polls who does not share our store."""
        return CONFLICT if self._poller is not None and self._poller.conflict else None


class ByPosts:
    """Updates are posted to us."""

    def __init__(self, posts: Posts, tempo: Tempo) -> None:
        self._posts = posts
        self._tempo = tempo
        self.has_menus = True

    def routes(self) -> list[web.RouteDef]:
        """The routes of the posts."""
        return self._posts.routes()

    def open(self, intake: Intake) -> None:
        """Whoever posts may do so as soon as they know where to."""
        self._posts.intake = intake

    async def prepare(self) -> None:
        """A host that posts needs no word of ours."""

    async def run(self) -> None:
        """The web server does it."""

    def close(self) -> None:
        """Ask whoever posts to come again."""
        self._posts.intake = None

    async def finish(self) -> None:
        """Finish the posts under way."""
        await self._posts.finish(self._tempo.drain)

    def trouble(self) -> str | None:
        """None that we could know of."""
        return None


class ByWebhook(ByPosts):
    """Telegram posts."""

    def __init__(self, api: BotApi, settings: TelegramSettings, tempo: Tempo) -> None:
        super().__init__(Webhook(settings), tempo)
        self._api = api
        self._settings = settings

    async def prepare(self) -> None:
        """Tell Telegram where to post to."""
        await set_webhook(self._api, self._settings)


class ByMount(ByPosts):
    """The shop's own bot posts; its webhook, its polling and its menu are its own."""

    def __init__(self, settings: TelegramSettings, chats: Chats, tempo: Tempo) -> None:
        secret = settings.mount_secret.get_secret_value() if settings.mount_secret else ""
        super().__init__(Mounted(secret, chats), tempo)
        self.has_menus = False


def form_of(
    api: BotApi, settings: TelegramSettings, tempo: Tempo, leases: Leases, chats: Chats | None
) -> Form:
    """The way that the settings name."""
    match settings.mode:
        case TelegramMode.POLLING:
            lease = Lease(leases, f"telegram-polling:{settings.bot_id}", tempo.lease)
            return ByPolling(api, tempo, lease)
        case TelegramMode.WEBHOOK:
            return ByWebhook(api, settings, tempo)
        case TelegramMode.MOUNTED:
            if chats is None:
                raise TypeError("a mounted channel must be told which chats are open")
            return ByMount(settings, chats, tempo)
