"""What is written into a group, with what can go wrong there in our words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from aiogram.methods import (
    AnswerCallbackQuery,
    CloseForumTopic,
    CopyMessage,
    CopyMessages,
    CreateForumTopic,
    DeleteForumTopic,
    EditForumTopic,
    EditMessageText,
    GetChat,
    GetChatMember,
    GetMe,
    PinChatMessage,
    ReopenForumTopic,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberOwner,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
)

from bot.channels.telegram_api import ApiFailed, ApiUnreachable, BotApi
from bot.desk_telegram.pace import GroupPace

T = TypeVar("T")
Buttons = Sequence[Sequence[tuple[str, str]]]
"""Rows of (label, what it carries: at most 64 bytes)."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_TOPIC_GONE = ("thread not found", "topic_deleted", "topic_id_invalid", "topic not found")
_MESSAGE_GONE = (
    "message to edit not found",
    "message to pin not found",
    "message can't be edited",
    "message_id_invalid",
)
_SO_ALREADY = ("message is not modified", "topic_not_modified")
_ANSWER = 200
_NO_CAPTION = "\u2060"
"""Nothing to see. The library leaves an empty one out, and then the original caption would stay."""


class TopicGone(Exception):
    """Somebody deleted the topic."""


class TopicClosed(Exception):
    """Somebody closed the topic."""


class MessageGone(Exception):
    """Somebody deleted the message."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a group is, and what we may do in it; `problem` says what is to be done, if anything is."""

    title: str
    problem: str = ""


class Bot:
    """What needs no group's pace: who we are, answers to buttons, and messages to single people."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self.username: str | None = None
        self.id = 0

    async def know_myself(self) -> None:
        """Learn name and number. Raises as `BotApi.call`."""
        me = await self._api.call(GetMe())
        self.username, self.id = me.username, me.id

    async def standing(self, group: int) -> Standing:
        """Look at a group. Raises as `BotApi.call`."""
        chat = await self._api.call(GetChat(chat_id=group))
        title = chat.title or str(group)
        if chat.type != "supergroup" or not chat.is_forum:
            return Standing(title, "switch on Topics in the group's settings")
        member = await self._api.call(GetChatMember(chat_id=group, user_id=self.id))
        match member:
            case ChatMemberOwner():
                return Standing(title)
            case ChatMemberAdministrator():
                lacking = [
                    words
                    for words, may in (
                        ("Manage topics", member.can_manage_topics),
                        ("Pin messages", member.can_pin_messages),
                    )
                    if not may
                ]
                missing = " and ".join(lacking)
                return Standing(title, f"give the bot the right “{missing}”" if lacking else "")
            case _:
                return Standing(
                    title, "make the bot an administrator with “Manage topics” and “Pin messages”"
                )

    async def answer(self, query: str, text: str = "", *, alert: bool = False) -> None:
        """Answer a button; nobody else sees it."""
        words = text if len(text) <= _ANSWER else text[: _ANSWER - 1] + "…"
        await self._api.call(
            AnswerCallbackQuery(callback_query_id=query, text=words or None, show_alert=alert)
        )

    async def tell(self, person: int, text: str) -> None:
        """Write to somebody in private."""
        await self._api.call(
            SendMessage(chat_id=person, text=text, parse_mode=None, link_preview_options=_NO_PREVIEW)
        )

    async def copy_to(self, chat: int, group: int, message: int) -> None:
        """Copy an agent's picture or file to a customer, without its caption."""
        await self._api.call(
            CopyMessage(
                chat_id=chat, from_chat_id=group, message_id=message, caption=_NO_CAPTION, parse_mode=None
            )
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._api.close()


class GroupCalls:
    """What shows in one group, counted by its pace.

    Every method raises `TopicGone`, `TopicClosed`, `MessageGone`, and as `BotApi.call`.
    """

    def __init__(self, api: BotApi, group: int, pace: GroupPace) -> None:
        self._api = api
        self.group = group
        self.pace = pace

    async def create(self, name: str) -> int:
        """Make a topic; its number."""
        made = await self._call(CreateForumTopic(chat_id=self.group, name=name))
        return made.message_thread_id

    async def rename(self, topic: int, name: str) -> None:
        """Give a topic another name."""
        await self._done(EditForumTopic(chat_id=self.group, message_thread_id=topic, name=name))

    async def close(self, topic: int) -> None:
        """Close a topic."""
        await self._done(CloseForumTopic(chat_id=self.group, message_thread_id=topic))

    async def reopen(self, topic: int) -> None:
        """Open a closed topic again."""
        await self._done(ReopenForumTopic(chat_id=self.group, message_thread_id=topic))

    async def delete(self, topic: int) -> None:
        """Delete a topic with all its messages, be it open or closed.

        Needs the right to delete messages: https://core.telegram.org/bots/api#deleteforumtopic.
        """
        await self._call(DeleteForumTopic(chat_id=self.group, message_thread_id=topic))

    async def send(self, topic: int | None, text: str, buttons: Buttons = (), *, quiet: bool = False) -> int:
        """Write into a topic, or beside the topics; the message's number."""
        message = SendMessage(
            chat_id=self.group,
            message_thread_id=topic,
            text=text,
            parse_mode=None,
            link_preview_options=_NO_PREVIEW,
            disable_notification=quiet,
            reply_markup=_keyboard(buttons),
        )
        return (await self._call(message)).message_id

    async def change(self, message: int, text: str, buttons: Buttons = ()) -> None:
        """Change a message of ours."""
        edited: TelegramMethod[object] = EditMessageText(  # type: ignore[assignment]  # its answer is not used
            chat_id=self.group,
            message_id=message,
            text=text,
            parse_mode=None,
            link_preview_options=_NO_PREVIEW,
            reply_markup=_keyboard(buttons),
        )
        await self._done(edited)

    async def pin(self, message: int) -> None:
        """Pin a message in its topic, without a sound."""
        pinned = PinChatMessage(chat_id=self.group, message_id=message, disable_notification=True)
        await self._done(pinned)

    async def copy_here(self, topic: int, chat: int, messages: Sequence[int]) -> None:
        """Copy a customer's messages into a topic; those that are gone are left out."""
        copies = CopyMessages(
            chat_id=self.group, message_thread_id=topic, from_chat_id=chat, message_ids=sorted(messages)
        )
        await self._call(copies, cost=len(messages))

    async def _done(self, method: TelegramMethod[T]) -> None:
        """Make a call that may have been made before."""
        try:
            await self._call(method)
        except ApiFailed as failed:
            if not any(sign in failed.detail.lower() for sign in _SO_ALREADY):
                raise

    async def _call(self, method: TelegramMethod[T], cost: int = 1) -> T:
        self.pace.took(cost)
        try:
            return await self._api.call(method)
        except ApiUnreachable:
            raise
        except ApiFailed as failed:
            detail = failed.detail.lower()
            if any(sign in detail for sign in _TOPIC_GONE):
                raise TopicGone from None
            if "topic_closed" in detail:
                raise TopicClosed from None
            if any(sign in detail for sign in _MESSAGE_GONE):
                raise MessageGone from None
            raise


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(text=text, callback_data=data) for text, data in row] for row in buttons]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None
