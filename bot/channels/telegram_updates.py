"""One update of Telegram in our words."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

from aiogram.enums import ChatType, ContentType
from aiogram.types import CallbackQuery, Chat, Message, Update, User

from bot.channels.telegram_commands import meaning, parse
from bot.channels.telegram_keyboard import label_of
from bot.channels.telegram_text import sound
from bot.ports import Incoming, Language, Open, Press, Wordless, Words
from dialogs.events import Unreadable

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
MOST_WORDS = 4000
"""Characters of a text that is read; Telegram itself lets up to 4,096 through."""

_WORDLESS = {
    ContentType.STICKER: Unreadable.STICKER,
    ContentType.PHOTO: Unreadable.PHOTO,
    ContentType.LIVE_PHOTO: Unreadable.PHOTO,
    ContentType.VOICE: Unreadable.VOICE,
    ContentType.AUDIO: Unreadable.FILE,
    ContentType.DOCUMENT: Unreadable.FILE,
    ContentType.VIDEO: Unreadable.FILE,
    ContentType.ANIMATION: Unreadable.OTHER,
    ContentType.VIDEO_NOTE: Unreadable.OTHER,
    ContentType.CONTACT: Unreadable.OTHER,
    ContentType.LOCATION: Unreadable.OTHER,
    ContentType.VENUE: Unreadable.OTHER,
    ContentType.POLL: Unreadable.OTHER,
    ContentType.DICE: Unreadable.OTHER,
    ContentType.GAME: Unreadable.OTHER,
    ContentType.STORY: Unreadable.OTHER,
    ContentType.PAID_MEDIA: Unreadable.OTHER,
    ContentType.CHECKLIST: Unreadable.OTHER,
    ContentType.RICH_MESSAGE: Unreadable.OTHER,
    ContentType.UNKNOWN: Unreadable.OTHER,
}
"""What a customer can send besides text. Anything else (a message pinned, a title changed) is a notice."""

_ALBUMS = 1000


What = Words | Press | Wordless | Open | Language


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update, `incoming` if it is something of a customer's, and the callback query to answer."""

    id: int
    incoming: Incoming | None = None
    query: str | None = None


def key_of(chat_id: int) -> str:
    """The conversation's key for a chat."""
    return f"telegram:{chat_id}"


def chat_of(key: str) -> int:
    """The chat a conversation's key names."""
    return int(key.removeprefix("telegram:"))


class UpdateReader:
    """Reads updates for a bot, by its user name once it is known. The same update reads the same again."""

    def __init__(self, languages: Collection[str], username: str | None = None) -> None:
        self._languages = languages
        self.username = username
        self._albums: OrderedDict[str, int] = OrderedDict()

    def read(self, update: Update) -> Arrival:
        """What arrived; nothing of a customer's for kinds we do not serve."""
        if update.message is not None:
            return self._message(update.update_id, update.message)
        if update.edited_message is not None:
            return self._edited(update.update_id, update.edited_message)
        if update.callback_query is not None:
            return self._pressed(update.update_id, update.callback_query)
        return Arrival(update.update_id)

    def _message(self, id_: int, message: Message) -> Arrival:
        words = message.text if message.text is not None else message.caption
        what = self._meant(words) if words is not None else self._wordless(message)
        return Arrival(id_, _incoming(id_, message.chat, message.from_user, what))

    def _edited(self, id_: int, message: Message) -> Arrival:
        # An edit without words (a location that moves, a photo replaced) gives nothing to correct.
        words = message.text if message.text is not None else message.caption
        what = _words(words, edited=True) if words is not None else None
        return Arrival(id_, _incoming(id_, message.chat, message.from_user, what))

    def _pressed(self, id_: int, query: CallbackQuery) -> Arrival:
        if query.message is None or query.data is None:
            return Arrival(id_, query=query.id)
        shown = query.message.reply_markup if isinstance(query.message, Message) else None
        what = Press(query.data, label_of(shown, query.data) or query.data)
        incoming = _incoming(id_, query.message.chat, query.from_user, what)
        return Arrival(id_, incoming, query.id)

    def _meant(self, text: str) -> What | None:
        command = parse(text)
        if command is None:
            return _words(text)
        if command.addressee and self.username and command.addressee != self.username.lower():
            return None
        return meaning(command, self._languages) or _words(text)

    def _wordless(self, message: Message) -> Wordless | None:
        kind = _WORDLESS.get(ContentType(message.content_type))
        if kind is None or self._later_of_an_album(message):
            return None
        return Wordless(kind)

    def _later_of_an_album(self, message: Message) -> bool:
        """Whether an album's other picture came before: ten pictures are answered once."""
        if message.media_group_id is None:
            return False
        album = f"{message.chat.id}:{message.media_group_id}"
        first = self._albums.setdefault(album, message.message_id)
        if len(self._albums) > _ALBUMS:
            self._albums.popitem(last=False)
        return first != message.message_id


def _words(text: str, *, edited: bool = False) -> Words | Wordless:
    if len(text) > MOST_WORDS:
        return Wordless(Unreadable.TOO_LONG)
    return Words(sound(text), edited) if text.strip() else Wordless(Unreadable.EMPTY)


def _incoming(id_: int, chat: Chat, sender: User | None, what: What | None) -> Incoming | None:
    if what is None or chat.type != ChatType.PRIVATE:
        return None
    return Incoming(
        key=key_of(chat.id),
        id=str(id_),
        what=what,
        locale=sender.language_code if sender else None,
        name=sound(sender.full_name) if sender else None,
    )
