"""For a bot on python-telegram-bot: `application.add_handlers(support_handlers(url, secret))`."""

import asyncio
import json
import logging
from collections import Counter
from typing import Any

from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationHandlerStop, BaseHandler

from rescind_mount.seen import Seen, chat_of, data_of
from rescind_mount.support import USUAL, Options, Support, Whose

_log = logging.getLogger("rescind_mount")
_SAY_LIMIT = 5
_FIRST = -(10**6)
"""A group before any of the bot's own."""
_Application = Application[Any, Any, Any, Any, Any, Any]


class Handlers(dict[int, list[BaseHandler[Any, Any, Any]]]):
    """What `Application.add_handlers` takes.

    `close` lets go of the connections; `Application.run_polling` and `run_webhook` see to that by themselves.
    """

    def __init__(self, support: Support) -> None:
        super().__init__({_FIRST: [_Gate(support)]})
        self.support = support

    async def close(self) -> None:
        """For a bot that starts and stops its `Application` by hand: to be called after `shutdown`."""
        await self.support.close()


def support_handlers(url: str, secret: str, options: Options = USUAL) -> Handlers:
    """Handlers that give the assistant what is the assistant's, and leave every other update as it is."""
    return Handlers(Support(url, secret, options))


class _Gate(BaseHandler[Update, Any, None]):
    """Takes aside what may be the assistant's, and puts back into the bot's queue what proves the shop's.

    The bot handles one update after the other unless it was told otherwise. So that no chat waits for what
    another one asks of the assistant, the asking is done beside; the order within a chat is kept.
    """

    def __init__(self, support: Support) -> None:
        super().__init__(_nothing)
        self._support = support
        self._aside: Counter[int] = Counter()
        self._back: set[int] = set()

    def check_update(self, update: object) -> bool:
        """Whether the update is taken aside: it may be the assistant's, or follows one that may."""
        chat = chat_of(update) if isinstance(update, Update) else None
        if not isinstance(update, Update) or chat is None:
            return False
        if update.update_id in self._back:
            self._back.discard(update.update_id)
            self._let_go(chat)
            return False
        self._support.start()
        seen = self._support.looking.at(update)
        aside = self._aside[chat] > 0 or (seen is not None and self._support.concerns(seen))
        if aside:
            self._aside[chat] += 1
        return aside

    async def handle_update(
        self, update: Update, application: _Application, check_result: object, context: object
    ) -> None:
        """Take it aside; the bot sees it again if it is not the assistant's."""
        del check_result, context
        _close_after(application, self._support)
        asking = self._ask(update, application)
        if application.running:
            application.create_task(asking, update=update)
        else:
            await asking
        raise ApplicationHandlerStop

    async def _ask(self, update: Update, application: _Application) -> None:
        support, chat = self._support, chat_of(update)
        assert chat is not None  # noqa: S101  it was looked at before
        seen, until = support.looking.at(update), support.deadline()
        async with support.lane(chat):
            whose = await support.whose(seen, lambda: _raw(update), until)
            if whose is Whose.THE_SHOPS:
                await self._give_back(update, application)
            else:
                self._let_go(chat)
        if whose is Whose.UNREACHED and seen is not None:
            await _say(application.bot, seen, support.apology(seen))

    async def _give_back(self, update: Update, application: _Application) -> None:
        self._back.add(update.update_id)
        if application.running:
            await application.update_queue.put(update)
        else:  # it stops, or is driven by hand: nobody reads the queue any more
            await application.process_update(update)

    def _let_go(self, chat: int) -> None:
        """One update less of this chat is aside."""
        self._aside[chat] -= 1
        if self._aside[chat] <= 0:
            del self._aside[chat]


def _raw(update: Update) -> bytes:
    """The update as Telegram sent it."""
    raw = update.to_dict()
    if update.callback_query is not None:
        raw["callback_query"]["data"] = data_of(update.callback_query)
    return json.dumps(raw, default=str).encode()


async def _say(bot: Bot, seen: Seen, words: str) -> None:
    """Tell the customer something; if that fails, nothing more can be done."""
    try:
        async with asyncio.timeout(_SAY_LIMIT):
            if seen.query is not None:
                await bot.answer_callback_query(seen.query, words, show_alert=True)
            else:
                await bot.send_message(seen.chat, words, parse_mode=None)
    except (TelegramError, TimeoutError, OSError) as error:
        _log.warning("a customer could not be told that Rescind was not reached: %s", type(error).__name__)


def _close_after(application: _Application, support: Support) -> None:
    """Let go of the connections when the bot has ended, after what the bot itself does then."""
    theirs = application.post_shutdown
    if getattr(theirs, "rescind", None) is support:
        return

    async def both(ended: _Application) -> None:
        try:
            if theirs is not None:
                await theirs(ended)
        finally:
            await support.close()

    both.rescind = support  # type: ignore[attr-defined]
    application.post_shutdown = both


async def _nothing(*_: object) -> None:
    """Never called: the handler does it itself."""
