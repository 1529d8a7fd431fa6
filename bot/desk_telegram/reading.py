"""One update of the groups, or of an agent in private, in our words."""

from dataclasses import dataclass

from aiogram.enums import ChatType, ContentType
from aiogram.types import CallbackQuery, Message, Update

from bot.channels.telegram_text import sound
from bot.channels.telegram_updates import key_of
from storage.topic_records import Source, SourceKind

_MEDIA = ("photo", "voice", "video", "audio", "document", "sticker", "animation", "video_note")


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


def read(update: Update, bot: int = 0) -> Heard | None:
    """What was written or pressed; `None` for notices, and for what bots wrote. `bot` is our own number."""
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query)
    message = update.message or update.edited_message
    if message is None or message.from_user is None:
        return None
    if message.forum_topic_created is not None and message.from_user.id == bot:
        return _made(update.update_id, message, message.forum_topic_created.name)
    anonymous = message.sender_chat is not None
    if message.from_user.is_bot and not anonymous:
        return None
    kind = ContentType(message.content_type).value
    media = kind if kind in _MEDIA else ""
    words = message.text if message.text is not None else message.caption
    if words is None and not media:
        return None
    answered = message.reply_to_message
    if answered is not None and (answered.from_user is None or answered.from_user.id != bot):
        answered = None
    return Heard(
        update_id=update.update_id,
        chat=message.chat.id,
        private=message.chat.type == ChatType.PRIVATE,
        topic=_topic(message),
        message=message.message_id,
        person=message.from_user.id,
        name=message.from_user.full_name,
        words=None if words is None else sound(words),
        edited=update.edited_message is not None,
        anonymous=anonymous,
        media=media,
        answers="" if answered is None else answered.text or "",
    )


def _made(update_id: int, message: Message, name: str) -> Heard:
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


def _pressed(update_id: int, query: CallbackQuery) -> Heard | None:
    if query.message is None:
        return None
    shown = query.message if isinstance(query.message, Message) else None
    return Heard(
        update_id=update_id,
        chat=query.message.chat.id,
        private=query.message.chat.type == ChatType.PRIVATE,
        topic=None if shown is None else _topic(shown),
        message=query.message.message_id,
        person=query.from_user.id,
        name=query.from_user.full_name,
        query=query.id,
        data=query.data or "",
    )


def _topic(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None


def chat_of_update(update: Update) -> tuple[int, bool] | None:
    """The chat of an update, and whether it is a private one."""
    query = update.callback_query
    carrier = update.message or update.edited_message or (query.message if query else None)
    if carrier is None and update.my_chat_member is not None:
        carrier_chat = update.my_chat_member.chat
    elif carrier is None:
        return None
    else:
        carrier_chat = carrier.chat
    return carrier_chat.id, carrier_chat.type == ChatType.PRIVATE


def source_of(update: Update) -> Source | None:
    """What has to be remembered of a customer's update, if it is more than words."""
    message = update.edited_message or update.message
    if message is None or message.chat.type != ChatType.PRIVATE:
        return None
    if update.edited_message is not None:
        kind = SourceKind.EDIT
    elif ContentType(message.content_type).value in _MEDIA:
        kind = SourceKind.MEDIA
    else:
        return None
    return Source(key_of(message.chat.id), update.update_id, message.message_id, kind)
