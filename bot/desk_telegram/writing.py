"""What agents write in a topic: answers, private notes, pictures, and edits of each."""

import asyncio
from dataclasses import dataclass

import structlog

from bot.channels.telegram_api import ApiFailed
from bot.channels.telegram_updates import chat_of
from bot.desk.errors import BadInput
from bot.desk.service import Desk
from bot.desk_telegram.aside import Asides
from bot.desk_telegram.calls import Bot
from bot.desk_telegram.reading import Heard
from bot.ports import ChannelBusy, ChatGone, ChatMoved
from bot.speech import Speech
from dialogs.effects import Text
from storage.desk_records import Agent
from storage.store import Store
from storage.topic_records import Kind, Topic, TopicMessage

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_TRIES = 3
_PATIENCE = 10.0
"""Seconds for which a picture waits at most, where Telegram wants a pause."""


@dataclass(slots=True)
class Writing:
    """Everything raises `DeskRefusal`. `sends_media`: our bot is the customers' own."""

    desk: Desk
    store: Store
    asides: Asides
    bot: Bot
    speech: Speech
    sends_media: bool

    async def reply(self, agent: Agent, topic: Topic, heard: Heard, text: str) -> None:
        """Answer the customer, once for one message of the agent's."""
        entry = await self.desk.chats.reply(agent, topic.key, text, id_=_id(heard))
        await self._note(heard, topic.key, Kind.REPLY, entry.seq)

    async def note(self, agent: Agent, topic: Topic, heard: Heard, text: str) -> None:
        """Keep a private note, once for one message; a sign of life of whoever has the chat."""
        kept = await self.desk.chats.note(agent, topic.key, text, id_=_id(heard))
        await self._note(heard, topic.key, Kind.NOTE, kept.id)
        await self.desk.chats.seen(agent, topic.key)

    async def media(self, agent: Agent, topic: Topic, heard: Heard) -> None:
        """Copy a picture or file to the customer; a caption follows as an answer."""
        kind = heard.media.replace("_", " ")
        if not topic.key.startswith("telegram:"):
            raise BadInput(
                f"The web chat shows words only: this {kind} was not sent. Describe it, or link to it."
            )
        if not self.sends_media:
            raise BadInput(
                f"This group's bot is not the customers' bot, so this {kind} was not sent. Write it in words."
            )
        await self.desk.chats.claim(agent, topic.key)
        if await self.store.topics.message(heard.chat, heard.message) is None:
            await self._copy(chat_of(topic.key), heard, kind)
            await self._note(heard, topic.key, Kind.MEDIA, None)
        note = await self.desk.chats.note(
            agent, topic.key, f"Sent the customer a {kind}, in Telegram.", id_=_id(heard)
        )
        await self._note(heard, topic.key, Kind.MEDIA, note.id)
        if heard.words:
            await self.reply(agent, topic, heard, heard.words)

    async def _copy(self, chat: int, heard: Heard, kind: str) -> None:
        for _ in range(_TRIES):
            try:
                await self.bot.copy_to(chat, heard.chat, heard.message)
            except ChannelBusy as busy:
                if busy.retry_after > _PATIENCE:
                    break
                await asyncio.sleep(busy.retry_after)
            except (ChatGone, ChatMoved):
                raise BadInput(f"The customer's chat is gone: this {kind} was not sent.") from None
            except ApiFailed as failed:
                _log.warning("telegram_desk_media_not_sent", error=str(failed))
                break
            else:
                return
        raise BadInput(f"Telegram did not take this {kind}: it was not sent. Try again in a minute.")

    async def edited(self, agent: Agent, topic: Topic, heard: Heard, text: str, *, private: bool) -> None:
        """A changed message: a note is noted again, an answer is followed by a correction."""
        before = await self.store.topics.message(heard.chat, heard.message)
        if before is None or before.key != topic.key:
            raise BadInput("An edit of that message does nothing: write a new one.")
        if before.kind is Kind.NOTE:
            await self.desk.chats.note(agent, topic.key, f"Correction: {text}", id_=_edit_id(heard))
            return
        if private:
            raise BadInput("That message has reached the customer: an edit cannot make it private any more.")
        if before.kind is Kind.MEDIA and not text:
            raise BadInput("The customer keeps what was sent: an edit does not change it. Send the new one.")
        entries = () if before.seq is None else await self.store.entries(topic.key, before.seq - 1, 1)
        if before.kind is Kind.REPLY and entries and entries[0].text == text:
            return  # Telegram tells of a link's preview as of an edit
        correction = Text("agent-correction", {"text": text})
        words = self.speech.text(correction, await self._locale(topic.key))
        await self.desk.chats.reply(agent, topic.key, words, id_=_edit_id(heard))

    async def _locale(self, key: str) -> str:
        stored = await self.store.load(key)
        return "en" if stored is None else stored.conversation.locale

    async def _note(self, heard: Heard, key: str, kind: Kind, seq: int | None) -> None:
        message = TopicMessage(heard.chat, heard.message, key, kind, seq)
        await self.store.topics.note_message(message, self.desk.chats.ground.clock())


def _id(heard: Heard) -> str:
    """The same when the update comes again."""
    return f"tg {heard.chat} {heard.message}"


def _edit_id(heard: Heard) -> str:
    return f"tge {heard.chat} {heard.message} {heard.update_id}"
