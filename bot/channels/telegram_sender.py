"""What goes out to customers: messages in parts, and the typing sign."""

import asyncio
import time
from collections import OrderedDict

import structlog

from bot.channels.telegram_api import ApiFailed, BotApi
from bot.channels.telegram_keyboard import keyboard
from bot.channels.telegram_pace import Pace
from bot.channels.telegram_text import sound, split
from bot.ports import ChannelBusy, ChatGone, ChatMoved
from storage.records import Author, Entry

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_NO_PREVIEW = {"is_disabled": True}
_TYPING_LIMIT = 5
_AT_ONCE = 0.3
"""Seconds within which an answer needs no typing sign: one called off on its way costs its connection, and
the answer waits for another."""
_HALF_SENT = 1000
_WAITED_FOR = 300.0
"""Seconds after a customer's words in which they wait for an answer."""
_MOST_HEARD = 20_000


class Sender:
    """Sends within the limits. Text goes as it is, without markup, so no customer's data can break it."""

    def __init__(self, api: BotApi, pace: Pace, mark: str = "") -> None:
        self._api = api
        self._mark = mark
        self._pace = pace
        self._typing: dict[int, asyncio.Task[None]] = {}
        self._sent: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._heard_at: OrderedDict[int, float] = OrderedDict()

    def heard(self, chat: int) -> None:
        """A customer wrote: what goes to them now is waited for."""
        self._heard_at[chat] = time.monotonic()
        self._heard_at.move_to_end(chat)
        if len(self._heard_at) > _MOST_HEARD:
            self._heard_at.popitem(last=False)

    async def deliver(self, chat: int, entry: Entry) -> None:
        """Send an entry, its buttons below the last part. Tried again, it goes on where it stopped."""
        self._hush(chat)
        parts = [part for part in split(sound(entry.text)) if part.strip()]
        this = (chat, entry.seq)
        for number in range(self._sent.get(this, 0), len(parts)):
            fields: dict[str, object] = {"chat_id": chat, "text": parts[number]}
            fields["link_preview_options"] = _NO_PREVIEW
            if number == len(parts) - 1 and (buttons := keyboard(entry.choices, self._mark)) is not None:
                fields["reply_markup"] = buttons
            await self._send(chat, fields, awaited=number > 0 or self._is_awaited(chat, entry))
            self._note(this, number + 1)
        self._sent.pop(this, None)

    def typing(self, chat: int) -> None:
        """Show the typing sign, if no answer comes at once or has to wait for it. Does not wait itself."""
        if chat in self._typing or not self._pace.spare(chat):
            return
        task = asyncio.create_task(self._show_typing(chat))
        self._typing[chat] = task
        task.add_done_callback(lambda _: self._typing.pop(chat, None))

    async def finish(self) -> None:
        """Leave no typing sign behind."""
        tasks = list(self._typing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _hush(self, chat: int) -> None:
        """A typing sign that has not left yet would come after the answer."""
        task = self._typing.get(chat)
        if task is not None:
            task.cancel()

    def _note(self, this: tuple[int, int], parts: int) -> None:
        """So many parts of this have left; the oldest notes are dropped: at worst a part is sent again."""
        self._sent[this] = parts
        if len(self._sent) > _HALF_SENT:
            self._sent.popitem(last=False)

    def _is_awaited(self, chat: int, entry: Entry) -> bool:
        """Whether somebody looks at the chat now: a reminder to many at night must not hold answers up."""
        recently = self._heard_at.get(chat, float("-inf")) > time.monotonic() - _WAITED_FOR
        return recently or entry.author is Author.AGENT

    async def _send(self, chat: int, fields: dict[str, object], *, awaited: bool) -> None:
        await self._pace.turn(chat, awaited=awaited)
        try:
            await self._api.post("sendMessage", fields)
        except ChannelBusy as busy:
            self._pace.hold(chat, busy.retry_after)
            raise

    async def _show_typing(self, chat: int) -> None:
        await asyncio.sleep(_AT_ONCE)
        try:
            await self._api.post("sendChatAction", {"chat_id": chat, "action": "typing"}, _TYPING_LIMIT)
        except ChannelBusy as busy:
            self._pace.hold(chat, busy.retry_after)
        except (ApiFailed, ChatGone, ChatMoved) as trouble:
            _log.debug("telegram_typing_not_shown", error=type(trouble).__name__)
