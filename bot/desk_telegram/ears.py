"""Where updates reach the desk: beside customers' in the bot they write to, or in a bot of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.channels.telegram_commands import parse
from bot.channels.telegram_wire import Received
from bot.desk_telegram.hearing import Hearing
from bot.desk_telegram.reading import chat_of_update, read, source_of
from storage.store import Store

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_OURS_IN_PRIVATE = ("link", "unlink")


@dataclass(frozen=True, slots=True)
class Ears:
    """Beside customers. `groups` are those of agents in this bot, `None` where they have another bot."""

    store: Store
    clock: Callable[[], datetime]
    hearing: Hearing
    groups: frozenset[int] | None

    def lane(self, update: Received) -> str | None:
        """A topic's lane, or a linking agent's; `None` for a customer's."""
        if self.groups is None or (chat := chat_of_update(update)) is None:
            return None
        number, private = chat
        if private:
            return f"desk {number}" if _links(update) else None
        return _lane(update, number, self.hearing.bot.id) if number in self.groups else None

    async def take(self, update: Received) -> None:
        """Return once it is durable."""
        if (heard := read(update, self.hearing.bot.id)) is not None:
            await self.hearing.take(heard)

    async def saw(self, update: Received) -> None:
        """Remember what has to be shown to agents besides a customer's words."""
        try:
            if (source := source_of(update)) is not None:
                await self.store.topics.note_source(source, self.clock())
        except Exception as error:  # noqa: BLE001  the customer's words matter more than how they are shown
            _log.warning("telegram_desk_picture_not_kept", error=type(error).__name__)


@dataclass(frozen=True, slots=True)
class OwnEars:
    """A bot of the desk's own: all of it is agents'."""

    hearing: Hearing
    groups: frozenset[int]

    def lane(self, update: Received) -> str:
        """A topic's lane, or a person's."""
        chat = chat_of_update(update)
        return "desk" if chat is None else _lane(update, chat[0], self.hearing.bot.id)

    async def take(self, update: Received) -> None:
        """Return once it is durable; what comes from other groups is left alone."""
        heard = read(update, self.hearing.bot.id)
        if heard is not None and (heard.private or heard.chat in self.groups):
            await self.hearing.take(heard)

    async def saw(self, update: Received) -> None:
        """No customer writes here."""


def _links(update: Received) -> bool:
    """Whether somebody asks to be linked, or unlinked."""
    message = update.seen and update.seen.message
    command = parse((message and message.text) or "")
    return command is not None and command.name in _OURS_IN_PRIVATE


def _lane(update: Received, chat: int, bot: int) -> str:
    heard = read(update, bot)
    return f"desk {chat} {heard.topic if heard else ''}"
