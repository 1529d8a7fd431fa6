"""Supergroups with topics at the emulated Bot API, and the people in them."""

import time
from abc import ABC, abstractmethod
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from aiogram import methods

if TYPE_CHECKING:
    from tests.telegram_server import TelegramServer

Json = dict[str, object]
_FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 1}


class Refuses(Protocol):
    """What makes an answer that is not `ok`."""

    def __call__(self, status: int, description: str) -> Exception: ...


@dataclass
class Topic:
    """One topic: what stands in it, oldest first."""

    id: int
    name: str
    closed: bool = False
    pinned: list[int] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [str(message.get("text") or f"[copy of {message.get('copied')}]") for message in self.messages]

    @property
    def whole(self) -> str:
        return "\n".join(self.texts)


@dataclass
class Forum:
    """One supergroup. `rights` are those of the bot, `None` where it is no administrator.

    A `strict` one lets nobody write into a closed topic.
    """

    id: int
    is_forum: bool = True
    rights: tuple[str, ...] | None = ("can_manage_topics", "can_pin_messages")
    strict: bool = False
    topics: dict[int, Topic] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    @property
    def only(self) -> Topic:
        """Its one topic."""
        (topic,) = self.topics.values()
        return topic

    def delete(self, topic: Topic) -> None:
        """Somebody deletes a topic; the bot is not told."""
        del self.topics[topic.id]


class Forums:
    """The groups that the server knows, and the calls about them."""

    def __init__(self, refuses: Refuses) -> None:
        self.by_id: dict[int, Forum] = {}
        self.copies: dict[int, list[Json]] = defaultdict(list)
        self._refuses = refuses

    def add(self, id_: int, **more: object) -> Forum:
        """A group that the bot was added to."""
        forum = self.by_id[id_] = Forum(id_, **more)  # type: ignore[arg-type]  # a test names what it is
        return forum

    def called(self, chat: object, method: str) -> None:
        """Count what was asked about a group."""
        if (forum := self.by_id.get(_number(chat))) is not None and not method.startswith("get"):
            forum.calls.append(method)

    def forum(self, chat: object) -> Forum:
        """The group; the bot must be in it."""
        if (forum := self.by_id.get(_number(chat))) is None:
            raise self._refuses(400, "Bad Request: chat not found")
        return forum

    def topic(self, chat: object, number: int | None) -> Topic:
        """A topic that is there."""
        topic = self.forum(chat).topics.get(number or 0)
        if topic is None:
            raise self._refuses(400, "Bad Request: message thread not found")
        return topic

    def writable(self, chat: object, number: int | None) -> Topic:
        """A topic that the bot may write in: a closed one only with the right to manage topics."""
        topic = self.topic(chat, number)
        forum = self.forum(chat)
        if topic.closed and (forum.strict or "can_manage_topics" not in (forum.rights or ())):
            raise self._refuses(400, "Bad Request: TOPIC_CLOSED")
        return topic

    def need(self, chat: object, right: str) -> Forum:
        """The group, in which the bot has this right."""
        forum = self.forum(chat)
        if right not in (forum.rights or ()):
            raise self._refuses(400, "Bad Request: not enough rights")
        return forum

    def create(self, asked: methods.CreateForumTopic, number: int) -> Json:
        if not 1 <= len(asked.name) <= 128:
            raise self._refuses(400, "Bad Request: TOPIC_NAME_INVALID")
        self.need(asked.chat_id, "can_manage_topics").topics[number] = Topic(number, asked.name)
        return {"message_thread_id": number, "name": asked.name, "icon_color": 7322096}

    def set_closed(self, chat: object, number: int, *, closed: bool) -> bool:
        self.need(chat, "can_manage_topics")
        topic = self.topic(chat, number)
        if topic.closed is closed:
            raise self._refuses(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.closed = closed
        return True

    def drop(self, chat: object, number: int) -> bool:
        """The topic and all that stands in it, be it open or closed."""
        forum = self.need(chat, "can_delete_messages")
        if forum.topics.pop(number, None) is None:
            raise self._refuses(400, "Bad Request: TOPIC_ID_INVALID")  # the real one's own word, passed on
        return True

    def pin(self, chat: object, message: int) -> bool:
        for topic in self.need(chat, "can_pin_messages").topics.values():
            if any(each["message_id"] == message for each in topic.messages):
                topic.pinned.append(message)
                return True
        raise self._refuses(400, "Bad Request: message to pin not found")

    def change(self, chat: object, message: int | None, text: str, markup: object) -> Json:
        for topic in self.forum(chat).topics.values():
            for each in topic.messages:
                if each["message_id"] == message:
                    if (each["text"], each.get("reply_markup")) == (text, markup):
                        raise self._refuses(400, "Bad Request: message is not modified")
                    each["text"] = text
                    return each
        raise self._refuses(400, "Bad Request: message to edit not found")

    def describe(self, chat: object) -> Json:
        forum = self.forum(chat)
        kinds = (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        )
        return {
            "id": forum.id,
            "type": "supergroup",
            "title": "Agents",
            "is_forum": forum.is_forum,
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(kinds, False),
        }

    def membership(self, chat: object, bot: Json) -> Json:
        rights = self.forum(chat).rights
        if rights is None:
            return {"status": "member", "user": bot}
        known = methods_rights()
        return {"status": "administrator", "user": bot} | {right: right in rights for right in known}


def methods_rights() -> list[str]:
    """Every right that an administrator has or lacks."""
    from aiogram.types import ChatMemberAdministrator  # noqa: PLC0415

    fields = ChatMemberAdministrator.model_fields
    return [name for name in fields if name.startswith("can_") or name == "is_anonymous"]


class ForumMethods(ABC):
    """The methods of the Bot API that are about groups."""

    def __init__(self, refuses: Refuses, bot: Json) -> None:
        self.forums = Forums(refuses)
        self._bot = bot

    def member(self, person: int, name: str = "Kim") -> "Member":
        """Somebody in groups."""
        return Member(self, person, name)  # type: ignore[arg-type]  # the server is what is mixed into

    @abstractmethod
    def message_id(self) -> int:
        """A number for a message."""

    @abstractmethod
    def happen(self, kind: str, what: Json, update_id: int | None = None) -> int:
        """Something happened."""

    @abstractmethod
    def _complaint(self, status: int, text: str) -> Exception:
        """Note what a bot must not do."""

    def _into_group(self, asked: methods.SendMessage, message: Json) -> Json:
        message["chat"] = {"id": asked.chat_id, "type": "supergroup", "title": "Agents", "is_forum": True}
        if asked.message_thread_id is None:
            self.forums.forum(asked.chat_id).beside.append(asked.text)
        else:
            self.forums.writable(asked.chat_id, asked.message_thread_id).messages.append(message)
        return message

    async def _on_getChat(self, asked: methods.GetChat) -> Json:  # noqa: N802
        return self.forums.describe(asked.chat_id)

    async def _on_getChatMember(self, asked: methods.GetChatMember) -> Json:  # noqa: N802
        return self.forums.membership(asked.chat_id, self._bot)

    async def _on_createForumTopic(self, asked: methods.CreateForumTopic) -> Json:  # noqa: N802
        number = self.message_id()
        made = self.forums.create(asked, number)
        # The real server tells a bot of its own service messages, of others of its own it does not.
        told = {key: made[key] for key in ("name", "icon_color")}
        place = {"message_thread_id": number, "is_topic_message": True}
        chat = {"id": int(str(asked.chat_id)), "type": "supergroup", "title": "Agents", "is_forum": True}
        message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": self._bot}
        self.happen("message", message | place | {"forum_topic_created": told})
        return made

    async def _on_editForumTopic(self, asked: methods.EditForumTopic) -> bool:  # noqa: N802
        self.forums.topic(asked.chat_id, asked.message_thread_id).name = asked.name or ""
        return True

    async def _on_closeForumTopic(self, asked: methods.CloseForumTopic) -> bool:  # noqa: N802
        return self.forums.set_closed(asked.chat_id, asked.message_thread_id, closed=True)

    async def _on_reopenForumTopic(self, asked: methods.ReopenForumTopic) -> bool:  # noqa: N802
        return self.forums.set_closed(asked.chat_id, asked.message_thread_id, closed=False)

    async def _on_deleteForumTopic(self, asked: methods.DeleteForumTopic) -> bool:  # noqa: N802
        return self.forums.drop(asked.chat_id, asked.message_thread_id)

    async def _on_pinChatMessage(self, asked: methods.PinChatMessage) -> bool:  # noqa: N802
        return self.forums.pin(asked.chat_id, asked.message_id)

    async def _on_copyMessage(self, asked: methods.CopyMessage) -> Json:  # noqa: N802
        copied: Json = {"message_id": self.message_id(), "copied": asked.message_id, "caption": asked.caption}
        self.forums.copies[int(str(asked.chat_id))].append(copied)
        return {"message_id": copied["message_id"]}

    async def _on_copyMessages(self, asked: methods.CopyMessages) -> list[Json]:  # noqa: N802
        if not 1 <= len(asked.message_ids) <= 100 or asked.message_ids != sorted(asked.message_ids):
            raise self._complaint(400, "Bad Request: message identifiers are not in order")
        topic = self.forums.writable(asked.chat_id, asked.message_thread_id)
        copies: list[Json] = [{"message_id": self.message_id(), "copied": id_} for id_ in asked.message_ids]
        topic.messages.extend(copies)
        return [{"message_id": each["message_id"]} for each in copies]


def _number(chat: object) -> int:
    return int(str(chat))


class Member:
    """Somebody in a group; what they do returns the number of the update it makes."""

    def __init__(self, server: "TelegramServer", person: int, name: str = "Kim") -> None:
        self.server = server
        self.person: Json = {"id": person, "is_bot": False, "first_name": name}
        self._last: Json = {}

    def writes(self, forum: Forum, topic: Topic | None, text: str = "", **more: object) -> int:
        """Write into a topic, or beside the topics."""
        content = ({"text": text} if text else {}) | more
        self._last = self._message(forum, topic) | content
        if topic is not None:
            topic.messages.append(self._last)
        return self.server.happen("message", self._last)

    def sends_photo(self, forum: Forum, topic: Topic, caption: str = "") -> int:
        more = {"caption": caption} if caption else {}
        return self.writes(forum, topic, photo=[_FILE | {"width": 9, "height": 9}], **more)

    def edits(self, text: str) -> int:
        """Change the last message."""
        self._last = self._last | {"text": text, "edit_date": int(time.time())}
        return self.server.happen("edited_message", self._last)

    def answers(self, forum: Forum, topic: Topic, question: Json, text: str) -> int:
        """Answer one message."""
        return self.writes(forum, topic, text, reply_to_message=self._shown(forum, topic, question))

    def presses(self, forum: Forum, topic: Topic, label: str) -> int:
        """Press the newest button of this label."""
        for message in reversed(topic.messages):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):  # type: ignore[attr-defined]
                for button in row:
                    if button["text"] == label:
                        query = {
                            "id": f"q{self.server.message_id()}",
                            "from": self.person,
                            "chat_instance": "c",
                        }
                        shown = {
                            "message": self._shown(forum, topic, message),
                            "data": button["callback_data"],
                        }
                        return self.server.happen("callback_query", query | shown)
        raise AssertionError(f"no button {label!r} in {topic.name}")

    def in_private(self, text: str) -> int:
        chat = {"id": self.person["id"], "type": "private", "first_name": "K"}
        return self.server.happen(
            "message", self._dated() | {"chat": chat, "from": self.person, "text": text}
        )

    def _shown(self, forum: Forum, topic: Topic, message: Json) -> Json:
        bot = {"id": 4242, "is_bot": True, "first_name": "Rescind"}
        mine = self._message(forum, topic) | {"from": bot, "text": message["text"]}
        return mine | {"message_id": message["message_id"]}

    def _message(self, forum: Forum, topic: Topic | None) -> Json:
        chat = {"id": forum.id, "type": "supergroup", "title": "Agents", "is_forum": True}
        place = {} if topic is None else {"message_thread_id": topic.id, "is_topic_message": True}
        return self._dated() | {"chat": chat, "from": self.person} | place

    def _dated(self) -> Json:
        return {"message_id": self.server.message_id(), "date": int(time.time())}
