"""For a bot on aiogram 3: `dispatcher.include_router(SupportRouter(url, secret))`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware, Bot, Dispatcher, Router
from aiogram.exceptions import AiogramError
from aiogram.filters import Filter
from aiogram.methods import GetUpdates
from aiogram.methods.base import Response
from aiogram.types import TelegramObject, Update

from rescind_mount.seen import Seen, chat_of
from rescind_mount.support import USUAL, Options, Support, Whose

_log = logging.getLogger("rescind_mount")
_SAY_LIMIT = 5
_Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
_HELD = Response[GetUpdates.__returning__]
"""With this class aiogram reads the answers to getUpdates. Nobody else holds it: the garbage collector takes
it every few updates, and building it anew costs 4 ms of processor time, as much as a dozen updates."""


class _Never(Filter):
    """Handlers behind this filter only make the dispatcher ask Telegram for the kinds of updates we need."""

    async def __call__(self, *_: object, **__: object) -> bool:
        return False


class SupportRouter(Router):
    """Gives the assistant what is the assistant's, and leaves every other update as it is.

    It may be included in the dispatcher at any place, before or after others: it looks at an update before
    any handler, filter or middleware of the bot does.
    """

    def __init__(self, url: str, secret: str, options: Options = USUAL) -> None:
        super().__init__(name="rescind")
        self.support = Support(url, secret, options)
        self._gate = _Gate(self.support)
        for observer in (self.message, self.edited_message, self.callback_query):
            observer.register(_nothing, _Never())
        self.startup.register(self._begin)
        self.shutdown.register(self.support.close)

    @property
    def parent_router(self) -> Router | None:
        """The router it is included in."""
        return super().parent_router

    @parent_router.setter
    def parent_router(self, router: Router) -> None:
        Router.parent_router.fset(self, router)  # type: ignore[attr-defined]
        if isinstance(router, Dispatcher):
            self._gate.install(router)

    async def _begin(self) -> None:
        if not self._gate.installed:
            top: Router = self
            while top.parent_router is not None:
                top = top.parent_router
            if isinstance(top, Dispatcher):
                self._gate.install(top)
        await self.support.ready()


class _Gate(BaseMiddleware):
    """Stands before everything else an update meets in a dispatcher, so that order within a chat is kept."""

    def __init__(self, support: Support) -> None:
        self._support = support
        self.installed = False

    def install(self, dispatcher: Dispatcher) -> None:
        """Become the dispatcher's outermost middleware."""
        manager = dispatcher.update.outer_middleware
        others = list(manager)
        for other in others:
            manager.unregister(other)
        manager.register(self)
        for other in others:
            manager.register(other)
        self.installed = True

    async def __call__(self, handler: _Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Hand the update on to the bot, unless it is the assistant's."""
        support = self._support
        chat = chat_of(event) if isinstance(event, Update) else None
        if not isinstance(event, Update) or chat is None:
            return await handler(event, data)
        support.start()
        seen = support.looking.at(event)
        if not (support.busy(chat) or (seen is not None and support.concerns(seen))):
            return await handler(event, data)
        until = support.deadline()
        async with support.lane(chat):
            whose = await support.whose(seen, lambda: _raw(event), until)
        if whose is Whose.THE_SHOPS:
            return await handler(event, data)
        bot = data.get("bot")
        if whose is Whose.UNREACHED and seen is not None and isinstance(bot, Bot):
            await _say(bot, seen, support.apology(seen))
        return None


def _raw(update: Update) -> bytes:
    """The update as Telegram sent it: only what was in it, under the names it had.

    One that was not bound to its bot is filled in by the dispatcher, with what is no JSON, too.
    """
    plain = update.model_dump_json(
        by_alias=True, exclude_unset=True, exclude_none=True, fallback=lambda _: None
    )
    return plain.encode()


async def _say(bot: Bot, seen: Seen, words: str) -> None:
    """Tell the customer something; if that fails, nothing more can be done."""
    try:
        async with asyncio.timeout(_SAY_LIMIT):
            if seen.query is not None:
                await bot.answer_callback_query(seen.query, words, show_alert=True)
            else:
                await bot.send_message(seen.chat, words, parse_mode=None)
    except (AiogramError, TimeoutError, OSError) as error:
        _log.warning("a customer could not be told that Rescind was not reached: %s", type(error).__name__)


async def _nothing(*_: object) -> None:
    """Never called."""
