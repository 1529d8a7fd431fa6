"""One update of Telegram in our words."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

from aiogram.enums import ContentType

from bot.channels.telegram_commands import meaning, mounted_meaning, parse
from bot.channels.telegram_keyboard import MARK, label_of
from bot.channels.telegram_wire import Chat, Message, Person, Query, Received
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


class Claim(Enum):
    """Whose an update is, where it is a shop's own bot that took it."""

    NEVER = auto()
    IF_OPEN = auto()
    """Ours if we are in conversation with the customer."""
    ALWAYS = auto()
    """A command or a button of ours."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update, `incoming` if it is something of a customer's, and the callback query to answer.

    `key` is the customer's chat; none for an update of another kind of chat.
    """

    id: int
    incoming: Incoming | None = None
    query: str | None = None
    key: str | None = None
    claim: Claim = Claim.NEVER
    update: Received | None = None
    """The update itself, where somebody else takes updates and may want more of it than we read."""
    lane: str | None = None
    """What an update lines up behind that is no customer's, but theirs; `None` otherwise."""


def key_of(chat_id: int) -> str:
    """The conversation's key for a chat."""
    return f"telegram:{chat_id}"


def chat_of(key: str) -> int:
    """The chat a conversation's key names."""
    return int(key.removeprefix("telegram:"))


class UpdateReader:
    """Reads updates for a bot, by its user name once it is known. The same update reads the same again.

    Where we are `mounted` in a shop's bot, only commands and buttons of ours are read as such.
    """

    def __init__(
        self, languages: Collection[str], username: str | None = None, *, mounted: bool = False
    ) -> None:
        self._languages = languages
        self._mounted = mounted
        self._meaning = mounted_meaning if mounted else meaning
        self.username = username
        self._albums: OrderedDict[str, int] = OrderedDict()

    def read(self, update: Received) -> Arrival:
        """What arrived; nothing of a customer's for kinds we do not serve. Raises as `Received.content`."""
        seen = update.seen
        if seen is None:
            return Arrival(update.id)
        if seen.message is not None:
            return self._message(update, seen.message)
        if seen.edited_message is not None:
            return self._edited(update.id, seen.edited_message)
        if seen.callback_query is not None:
            return self._pressed(update.id, seen.callback_query)
        return Arrival(update.id)

    def _message(self, update: Received, message: Message) -> Arrival:
        if (words := message.words) is not None:
            what, claim = self._meant(words)
        else:
            what, claim = self._wordless(update, message)
        return _arrival(update.id, message.chat, message.sender, what, claim)

    def _edited(self, id_: int, message: Message) -> Arrival:
        # An edit without words (a location that moves, a photo replaced) gives nothing to correct.
        words = message.words
        what = _words(words, edited=True) if words is not None else None
        claim = Claim.NEVER if self._mounted and words is not None and parse(words) else Claim.IF_OPEN
        return _arrival(id_, message.chat, message.sender, what, claim)

    def _pressed(self, id_: int, query: Query) -> Arrival:
        if self._mounted and not (query.data or "").startswith(MARK):
            return Arrival(id_, key=_key(query.message.chat) if query.message else None)
        if query.message is None or query.data is None:
            return Arrival(id_, query=query.id, claim=Claim.ALWAYS)
        value = query.data.removeprefix(MARK)
        what = Press(value, label_of(query.message.reply_markup, query.data) or value)
        return _arrival(id_, query.message.chat, query.sender, what, Claim.ALWAYS, query.id)

    def _meant(self, text: str) -> tuple[What | None, Claim]:
        command = parse(text)
        if command is None:
            return _words(text), Claim.IF_OPEN
        if command.addressee and self.username and command.addressee != self.username.lower():
            return None, Claim.NEVER
        ours = self._meaning(command, self._languages)
        if ours is not None:
            return ours, Claim.ALWAYS
        return (None, Claim.NEVER) if self._mounted else (_words(text), Claim.IF_OPEN)

    def _wordless(self, update: Received, message: Message) -> tuple[What | None, Claim]:
        kind = _WORDLESS.get(update.content())
        if kind is None:
            return None, Claim.NEVER
        album = message.media_group_id
        if album is not None and self._later_of_an_album(f"{message.chat.id}:{album}", message.message_id):
            return None, Claim.IF_OPEN
        return Wordless(kind), Claim.IF_OPEN

    def _later_of_an_album(self, album: str, message_id: int) -> bool:
        """Whether an album's other picture came before: ten pictures are answered once."""
        first = self._albums.setdefault(album, message_id)
        if len(self._albums) > _ALBUMS:
            self._albums.popitem(last=False)
        return first != message_id


def _words(text: str, *, edited: bool = False) -> Words | Wordless:
    if len(text) > MOST_WORDS:
        return Wordless(Unreadable.TOO_LONG)
    return Words(text, edited) if text.strip() else Wordless(Unreadable.EMPTY)


def _arrival(
    id_: int, chat: Chat, sender: Person | None, what: What | None, claim: Claim, query: str | None = None
) -> Arrival:
    key = _key(chat)
    if key is None:
        return Arrival(id_, query=query, claim=Claim.ALWAYS if query else Claim.NEVER)
    incoming = None
    if what is not None:
        incoming = Incoming(
            key=key,
            id=str(id_),
            what=what,
            locale=sender.language_code if sender else None,
            name=sender.full_name if sender else None,
        )
    return Arrival(id_, incoming, query, key, claim)


def _key(chat: Chat) -> str | None:
    """The key of a customer's chat; we serve no other kind."""
    return key_of(chat.id) if chat.type == "private" else None
