"""What is looked at of an update to tell whether it may be the assistant's, whichever library read it."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

from rescind_mount.shapes import Message, Query, Update

MARK = "rsd:"
"""What the data of the assistant's buttons begins with."""
COMMANDS = ("support", "cancel_order", "order_status", "refund_status")
"""The assistant's commands that a bot of its own seldom has; it also knows cancel, status, refund, human."""
_COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:@[a-z0-9_]+)?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"support(-[A-Za-z0-9_-]{1,56})?")
"""The payload of a deep link to the assistant: t.me/YOUR_BOT?start=support, or ...=support-1042."""
CONTENT = (
    "text", "caption", "sticker", "photo", "voice", "audio", "document", "video", "animation", "video_note",
)  # fmt: skip
"""What a customer writes or shows. Anything else in a message (a payment, a form's data) is the shop's."""


def chat_of(update: Update) -> int | None:
    """The customer's chat an update is from; none for groups, and for kinds that are never ours."""
    query = update.callback_query
    placed = update.message or update.edited_message or (query.message if query is not None else None)
    return placed.chat.id if placed is not None and placed.chat.type == "private" else None


def data_of(query: Query) -> str | None:
    """A button's data; a bot on PTB with `arbitrary_callback_data` wraps what it did not make."""
    data: object = getattr(query.data, "callback_data", query.data)
    return data if isinstance(data, str) else None


class Kind(Enum):
    """What an update may be to the assistant."""

    COMMAND = auto()
    BUTTON = auto()
    WORDS = auto()
    """Anything said in a chat: the assistant's while the chat is open."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An update in a private chat that may be the assistant's, and what is needed to answer the customer."""

    update_id: int
    chat: int
    kind: Kind
    language: str = ""
    query: str | None = None


class Looking:
    """Tells by looks alone what may be ours. `keeps` are texts that are the shop's, come what may."""

    def __init__(self, commands: Collection[str], keeps: Collection[str]) -> None:
        self._commands = {name.lower().removeprefix("/") for name in commands}
        self._keeps = frozenset(keeps)

    def at(self, update: Update) -> Seen | None:
        """What an update may be to the assistant, if anything."""
        chat, query = chat_of(update), update.callback_query
        if chat is None:
            return None
        if query is not None:
            ours = (data_of(query) or "").startswith(MARK)
            language = query.from_user.language_code or ""
            return Seen(update.update_id, chat, Kind.BUTTON, language, query.id) if ours else None
        message = update.message or update.edited_message
        kind = self._at(message, edited=update.message is None) if message is not None else None
        if message is None or kind is None:
            return None
        language = (message.from_user and message.from_user.language_code) or ""
        return Seen(update.update_id, chat, kind, language)

    def _at(self, message: Message, *, edited: bool) -> Kind | None:
        if not any(getattr(message, name, None) for name in CONTENT):
            return None
        words = message.text if message.text is not None else message.caption
        if words is None:
            return Kind.WORDS
        if words in self._keeps:
            return None
        command = _COMMAND.fullmatch(words.strip())
        if command is None:
            return Kind.WORDS
        return None if edited or not self._is_ours(*command.groups()) else Kind.COMMAND

    def _is_ours(self, name: str, rest: str | None) -> bool:
        if name.lower() == "start":
            return _LINK.fullmatch((rest or "").strip()) is not None
        return name.lower() in self._commands
