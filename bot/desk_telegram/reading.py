"""One update of the groups, or of an agent in private, in our words.

What is read of it is declared here. A customer's update is not read again: `telegram_wire` has read enough.
"""

from dataclasses import dataclass

from aiogram.enums import ContentType
from msgspec import Struct, field
from msgspec.json import Decoder

from bot.channels import telegram_wire as wire
from bot.channels.telegram_updates import key_of
from storage.topic_records import Source, SourceKind

_MEDIA = frozenset(
    {
        ContentType.PHOTO,
        ContentType.VOICE,
        ContentType.VIDEO,
        ContentType.AUDIO,
        ContentType.DOCUMENT,
        ContentType.STICKER,
        ContentType.ANIMATION,
        ContentType.VIDEO_NOTE,
    }
)
_PRIVATE = "private"


class _Person(wire.Person, frozen=True, kw_only=True):
    id: int
    is_bot: bool = False


class _NewTopic(Struct, frozen=True):
    name: str


class _Answered(Struct, frozen=True):
    sender: _Person | None = field(name="from", default=None)
    text: str | None = None


class _Placed(Struct, frozen=True, kw_only=True):
    message_id: int
    chat: wire.Chat
    message_thread_id: int | None = None
    is_topic_message: bool | None = None

    @property
    def topic(self) -> int | None:
        """The topic it stands in; of an answer in no topic, Telegram names a thread as well."""
        return self.message_thread_id if self.is_topic_message else None


class _Message(_Placed, frozen=True, kw_only=True):
    sender: _Person | None = field(name="from", default=None)
    sender_chat: wire.Chat | None = None
    text: str | None = None
    caption: str | None = None
    reply_to_message: _Answered | None = None
    forum_topic_created: _NewTopic | None = None


class _Query(Struct, frozen=True):
    id: str
    sender: _Person = field(name="from")
    message: _Placed | None = None
    data: str | None = None


class _Update(Struct, frozen=True):
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Query | None = None


_update = Decoder(_Update)


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody wrote or pressed. `chat` is the group, or the person in private."""

    update_id: int
    chat: int
    private: bool
    topic: int | None
    message: int
    person: int
    name: str
    words: str | None = None
    edited: bool = False
    anonymous: bool = False
    """Written as the group, not as a person."""
    media: str = ""
    """What it is besides words: `photo`."""
    answers: str = ""
    """What stands in the message of ours that it answers."""
    query: str | None = None
    data: str = ""
    made: str = ""
    """The name of the topic, where this is Telegram's notice that we made it."""


def read(received: wire.Received, bot: int = 0) -> Heard | None:
    """What was written or pressed; `None` for notices, and for what bots wrote. `bot` is our own number.

    Raises `ValueError`, with the writer's words in it, where the update is not as it should be.
    """
    update = received.by(_update)
    if update.callback_query is not None:
        return _pressed(received.id, update.callback_query)
    message = update.message or update.edited_message
    if message is None or message.sender is None:
        return None
    if message.forum_topic_created is not None and message.sender.id == bot:
        return _made(received.id, message, message.forum_topic_created.name)
    anonymous = message.sender_chat is not None
    if message.sender.is_bot and not anonymous:
        return None
    kind = received.content()
    media = kind.value if kind in _MEDIA else ""
    words = message.text if message.text is not None else message.caption
    if words is None and not media:
        return None
    return Heard(
        update_id=received.id,
        chat=message.chat.id,
        private=message.chat.type == _PRIVATE,
        topic=message.topic,
        message=message.message_id,
        person=message.sender.id,
        name=message.sender.full_name,
        words=words,
        edited=update.edited_message is not None,
        anonymous=anonymous,
        media=media,
        answers=_of_ours(message.reply_to_message, bot),
    )


def _of_ours(answered: _Answered | None, bot: int) -> str:
    """What stands in a message, if it is ours."""
    ours = answered is not None and answered.sender is not None and answered.sender.id == bot
    return (answered.text or "") if answered is not None and ours else ""


def _made(update_id: int, message: _Message, name: str) -> Heard:
    """A notice has the number of its topic."""
    return Heard(
        update_id=update_id,
        chat=message.chat.id,
        private=False,
        topic=message.message_id,
        message=message.message_id,
        person=0,
        name="",
        made=name,
    )


def _pressed(update_id: int, query: _Query) -> Heard | None:
    if query.message is None:
        return None
    return Heard(
        update_id=update_id,
        chat=query.message.chat.id,
        private=query.message.chat.type == _PRIVATE,
        topic=query.message.topic,
        message=query.message.message_id,
        person=query.sender.id,
        name=query.sender.full_name,
        query=query.id,
        data=query.data or "",
    )


def chat_of_update(received: wire.Received) -> tuple[int, bool] | None:
    """The chat in which somebody wrote or pressed, and whether it is a private one."""
    if (seen := received.seen) is None:
        return None
    query = seen.callback_query
    carrier = seen.message or seen.edited_message or (query.message if query else None)
    return None if carrier is None else (carrier.chat.id, carrier.chat.type == _PRIVATE)


def source_of(received: wire.Received) -> Source | None:
    """What has to be remembered of a customer's update, if it is more than words. Raises as `read`."""
    if (seen := received.seen) is None:
        return None
    message = seen.edited_message or seen.message
    if message is None or message.chat.type != _PRIVATE:
        return None
    if seen.edited_message is not None:
        kind = SourceKind.EDIT
    elif not message.text and received.content() in _MEDIA:
        kind = SourceKind.MEDIA
    else:
        return None
    return Source(key_of(message.chat.id), received.id, message.message_id, kind)
