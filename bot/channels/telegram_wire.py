"""Updates as they come: JSON, of which a customer's words and presses need little.

That little is declared here and read at once; the library's model of an update knows everything and takes
fifty times as long, so nobody makes one. Whoever needs more of an update reads it by a declaration of theirs.
"""

import json
from typing import TypeVar

from aiogram.enums import ContentType
from msgspec import Raw, Struct, field
from msgspec.json import Decoder

from bot.channels.telegram_contents import content_of
from bot.channels.telegram_text import sound

T = TypeVar("T")


class NotAnUpdate(ValueError):
    """Not even a number to know it by."""


class Person(Struct, frozen=True):
    """Who wrote or pressed."""

    first_name: str
    last_name: str | None = None
    language_code: str | None = None

    @property
    def full_name(self) -> str:
        """First name and last name, as Telegram shows them."""
        return f"{self.first_name} {self.last_name}" if self.last_name else self.first_name


class Chat(Struct, frozen=True):
    """Where; `type` is `private` for a customer's."""

    id: int
    type: str


class Message(Struct, frozen=True):
    """What was written; without text and caption, `Received.content` tells what it is."""

    message_id: int
    chat: Chat
    sender: Person | None = field(name="from", default=None)
    text: str | None = None
    caption: str | None = None
    media_group_id: str | None = None
    """The album it is part of."""

    @property
    def words(self) -> str | None:
        """Text, or what stands below a picture."""
        return self.caption if self.text is None else self.text


class ShownButton(Struct, frozen=True):
    """A button as the customer saw it."""

    text: str
    callback_data: str | None = None


class ShownKeyboard(Struct, frozen=True):
    """The buttons below a message."""

    inline_keyboard: list[list[ShownButton]]


class ShownMessage(Struct, frozen=True):
    """The message that carries the button; of one that is too old only the chat is told."""

    chat: Chat
    reply_markup: ShownKeyboard | None = None


class Query(Struct, frozen=True):
    """A button that was pressed."""

    id: str
    sender: Person = field(name="from")
    message: ShownMessage | None = None
    data: str | None = None


class Member(Struct, frozen=True):
    """What the bot is in a chat."""

    status: str


class MemberChange(Struct, frozen=True):
    """Somebody blocked the bot, or made it a member."""

    new_chat_member: Member


class Seen(Struct, frozen=True):
    """What we read of an update."""

    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Query | None = None
    my_chat_member: MemberChange | None = None


Json = bytes | bytearray | Raw


class Received:
    """An update: `seen` is what we read of it, `None` where that is not as it should be."""

    __slots__ = ("_raw", "id", "seen")

    def __init__(self, id_: int, seen: Seen | None, raw: Json) -> None:
        self.id = id_
        self.seen = seen
        self._raw = raw

    def by(self, decoder: Decoder[T]) -> T:
        """More of it. Raises `ValueError`, with the customer's words in it, where it is not so."""
        try:
            return decoder.decode(self._raw)
        except _UNREADABLE:
            return decoder.decode(_mended(self._raw))

    def content(self) -> ContentType:
        """What its message, or edited message, is. Raises as `by`."""
        fields = self.by(_fields)
        return content_of(fields.message or fields.edited_message or {})


class _Fields(Struct, frozen=True):
    message: dict[str, Raw] | None = None
    edited_message: dict[str, Raw] | None = None


class _Numbered(Struct, frozen=True):
    update_id: int


class _Answer(Struct, frozen=True):
    ok: bool
    result: Raw = Raw(b"null")


_seen, _numbered, _fields = Decoder(Seen), Decoder(_Numbered), Decoder(_Fields)
_answer, _list = Decoder(_Answer), Decoder(list[Raw])
_UNREADABLE = (ValueError, RecursionError)
"""What decoders raise: their own errors and those of UTF-8 are `ValueError`s."""


def receive(raw: Json) -> Received:
    """Read an update. Raises `NotAnUpdate`."""
    try:
        seen = _seen.decode(raw)
    except _UNREADABLE:
        return _received_mended(raw)
    return Received(seen.update_id, seen, raw)


def _received_mended(raw: Json) -> Received:
    try:
        mended = _mended(raw)
        id_ = _numbered.decode(mended).update_id
    except _UNREADABLE as error:
        raise NotAnUpdate(f"an update has a whole number as its update_id ({type(error).__name__})") from None
    try:
        return Received(id_, _seen.decode(mended), mended)
    except _UNREADABLE:
        return Received(id_, None, mended)


def result_of(answer: bytes) -> Raw | None:
    """The result in an answer of the Bot API that is `ok`, else `None`."""
    try:
        read = _answer.decode(answer)
    except _UNREADABLE:
        try:
            read = _answer.decode(_mended(answer))
        except _UNREADABLE:
            return None
    return read.result if read.ok else None


def items_of(result: Raw) -> list[Raw] | None:
    """The items of a result, `None` if it is no list."""
    try:
        return _list.decode(result)
    except _UNREADABLE:
        return None


def _mended(raw: Json) -> bytes:
    """The same JSON without halves of surrogate pairs, which customers can write. Raises `_UNREADABLE`."""
    return sound(json.dumps(json.loads(bytes(raw)), ensure_ascii=False)).encode()
