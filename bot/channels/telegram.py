"""The Telegram channel: a bot of one's own, by long polling or by webhook, or mounted in the shop's."""

import asyncio
from collections.abc import Collection
from contextlib import suppress

import structlog
from aiogram.methods import GetMe
from aiohttp import web

from bot.channels.telegram_api import ApiFailed, BotApi, TokenRefused
from bot.channels.telegram_aside import Aside
from bot.channels.telegram_backoff import Backoff
from bot.channels.telegram_commands import menus
from bot.channels.telegram_forms import form_of
from bot.channels.telegram_intake import Intake
from bot.channels.telegram_keyboard import MARK
from bot.channels.telegram_lease import Alone, Leases
from bot.channels.telegram_mounted import Chats
from bot.channels.telegram_pace import Pace
from bot.channels.telegram_polling import Tempo
from bot.channels.telegram_sender import Sender
from bot.channels.telegram_settings import TelegramMode, TelegramSettings
from bot.channels.telegram_updates import UpdateReader, chat_of
from bot.channels.telegram_webhook import WebhookNotSet
from bot.ports import ChannelBusy, ChannelNotReady, ChatGone, ChatMoved, Door
from storage.records import Entry

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_CHECK_LIMIT = 5
_USUAL = Tempo()


class TelegramNotReady(ChannelNotReady):
    """Telegram does not work as it is set up, or not now."""


_REFUSED = (
    "Telegram refused TELEGRAM_BOT_TOKEN: copy it again from @BotFather, or remove it to switch Telegram off"
)


class TelegramChannel:
    """A `Channel`. `languages` are those the bot speaks, as keys of its texts.

    `leases` decide which of several processes polls; `chats` tell a mounted one which chats are open; `aside`
    takes updates that are no customer's.
    """

    name = "telegram"
    fetches = False

    def __init__(
        self,
        settings: TelegramSettings,
        languages: Collection[str] = ("en", "es"),
        tempo: Tempo = _USUAL,
        *,
        leases: Leases | None = None,
        chats: Chats | None = None,
        aside: Aside | None = None,
    ) -> None:
        self._aside = aside
        self._languages = languages
        self._tempo = tempo
        mounted = settings.mode is TelegramMode.MOUNTED
        self._api = BotApi(settings)
        self._sender = Sender(self._api, Pace(), MARK if mounted else "")
        self._reader = UpdateReader(languages, mounted=mounted)
        self._form = form_of(self._api, settings, tempo, leases or Alone(), chats)
        self._intake: Intake | None = None
        self._prepared = False
        self._running: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        """What the web server serves for us: where updates are posted to, if they are."""
        return self._form.routes()

    async def deliver(self, key: str, entry: Entry) -> None:
        """Send one message. Raises `ChannelBusy`, `ChatGone`, `ChatMoved`; any other error is tried again."""
        await self._sender.deliver(chat_of(key), entry)

    async def typing(self, key: str) -> None:
        """Show that an answer is being worked on, without waiting for Telegram."""
        with suppress(ValueError):
            self._sender.typing(chat_of(key))

    def _heard(self, key: str) -> None:
        self._sender.heard(chat_of(key))

    async def start(self, door: Door) -> None:
        """Begin to take updates in. While Telegram cannot be reached, go on trying.

        Raises `TelegramNotReady` where trying again would not help.
        """
        self._intake = Intake(self._api, door, self._reader, self._heard, self._aside)
        self._form.open(self._intake)
        try:
            self._prepared = await self._prepare()
        except TelegramNotReady:
            self._form.close()
            await self._api.close()
            raise
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Take no more in; what was taken in is finished, and confirmed to Telegram."""
        self._form.close()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._form.finish()
        if self._intake is not None:
            await self._intake.finish()
        await self._sender.finish()
        await self._api.close()

    async def check(self) -> None:
        """Raise `TelegramNotReady` if Telegram does not answer, or not to us."""
        try:
            await self._api.call(GetMe(), _CHECK_LIMIT)
        except TokenRefused:
            raise TelegramNotReady(_REFUSED) from None
        except ApiFailed as trouble:
            raise TelegramNotReady(f"Telegram cannot be reached ({trouble})") from None
        except ChannelBusy:
            return
        if self._running is not None and not self._prepared:
            raise TelegramNotReady(
                "Telegram could not be told what it must know at the start; it is tried again"
            )
        if (wrong := self._form.trouble()) is not None:
            raise TelegramNotReady(f"Telegram: {wrong}")

    async def _run(self) -> None:
        pauses = Backoff(self._tempo.first_pause, self._tempo.longest_pause)
        while not self._prepared:
            await asyncio.sleep(pauses.pause())
            try:
                self._prepared = await self._prepare()
            except TelegramNotReady as trouble:
                _log.error("telegram_not_ready", error=str(trouble))
        await self._form.run()

    async def _prepare(self) -> bool:
        """Whether Telegram could be told what it must know. Raises `TelegramNotReady`."""
        try:
            self._reader.username = (await self._api.call(GetMe())).username
            await self._form.prepare()
        except TokenRefused:
            raise TelegramNotReady(_REFUSED) from None
        except WebhookNotSet as trouble:
            raise TelegramNotReady(str(trouble)) from None
        except (ApiFailed, ChannelBusy) as trouble:
            _log.warning("telegram_not_reached_yet", error=str(trouble))
            return False
        if self._form.has_menus:
            await self._set_menus()
        return True

    async def _set_menus(self) -> None:
        try:
            for menu in menus(self._languages):
                await self._api.call(menu)
        except (ApiFailed, ChannelBusy, ChatGone, ChatMoved) as trouble:
            # The commands work without their menu.
            _log.warning("telegram_menu_not_set", error=str(trouble))
