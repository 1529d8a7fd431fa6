"""What is heard in the groups and from agents in private, and what is done about it.

It returns once what was asked for is durable. Nothing is written into the group here: that waits for the
group's pace, and no customer waits for it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from bot.channels.telegram_api import ApiFailed
from bot.channels.telegram_commands import Command, parse
from bot.desk.errors import BadInput, DeskRefusal
from bot.desk.links import Links
from bot.desk.service import Desk
from bot.desk_telegram import words
from bot.desk_telegram.aside import Asides
from bot.desk_telegram.calls import Bot
from bot.desk_telegram.cancelling import Cancelling
from bot.desk_telegram.commands import PLAIN, pressed
from bot.desk_telegram.places import new_topic
from bot.desk_telegram.reading import Heard
from bot.desk_telegram.writing import Writing
from bot.ports import ChannelBusy, ChatGone, ChatMoved
from storage.desk_records import Agent
from storage.store import Store
from storage.topic_records import Topic

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

Tell: TypeAlias = Callable[[str], Awaitable[None]]

_PRIVATE = "//"
_NOT_HERE = (
    "This bot is for the people at the desk. An admin runs `rescind agents link YOUR-LOGIN` and gives you a "
    "code; send /link CODE here. /unlink ends it."
)


@dataclass(slots=True)
class Hearing:
    """Takes in what people write and press.

    `beside` says something in a group outside of its topics; `placed` is told the topics that are written in.
    """

    desk: Desk
    store: Store
    links: Links
    asides: Asides
    bot: Bot
    writing: Writing
    cancelling: Cancelling
    beside: Callable[[int, str], None]
    placed: Callable[[Topic], None]

    async def take(self, heard: Heard) -> None:
        """Do what was asked for, once. Raises what the store and the door raise; it comes again then.

        It comes again as well where the process dies before Telegram knows that it was done, and perhaps
        after what was done later: a case that was settled since must not be taken up again.
        """
        place = f"desk {heard.chat}"
        if await self.store.topics.was_done(place, heard.update_id):
            if heard.query is not None:
                await self._answer(heard.query, "")
            return
        await self._do_what(heard)
        await self.store.topics.note_done(place, heard.update_id, self.asides.clock())

    async def _do_what(self, heard: Heard) -> None:
        if heard.made:
            await self._made(heard)
        elif heard.query is not None:
            await self._pressed(heard)
        elif heard.private:
            await self._in_private(heard)
        else:
            await self._in_group(heard)

    async def _made(self, heard: Heard) -> None:
        """We made a topic, and may have died before it was noted: it is taken up, unless there is another."""
        reference = words.reference_of(heard.made)
        if (key := await self.store.find_by_reference(reference)) is not None:
            topic = await new_topic(self.store, key, heard.chat, heard.message, reference, heard.made)
            self.placed(await self.store.topics.note_made(topic, self.asides.clock()))
            self.asides.wake(key)

    # ---- in private

    async def _in_private(self, heard: Heard) -> None:
        command = parse(heard.words or "")
        told = _NOT_HERE
        if command is not None and command.name in ("link", "unlink") and not heard.edited:
            told = await self._linking(heard, command)
        try:
            await self.bot.tell(heard.person, told)
        except (ApiFailed, ChannelBusy, ChatGone, ChatMoved) as trouble:
            _log.info("telegram_desk_not_told", error=type(trouble).__name__)

    async def _linking(self, heard: Heard, command: Command) -> str:
        """What to tell after a try to be linked, or unlinked."""
        try:
            if command.name == "link":
                agent = await self.links.link(heard.person, command.rest)
                return f"You are {agent.name} now: what you write in a topic is theirs. /unlink ends it."
            found = await self.links.who(heard.person)
            if found is None:
                return "You are not linked to an account."
            await self.links.unlink(found, found)
        except DeskRefusal as refusal:
            return str(refusal)
        return f"You are {found.name} no more."

    # ---- in a group

    async def _in_group(self, heard: Heard) -> None:
        command = parse(heard.words or "")
        if command is not None and self._for_another(command):
            return
        topic = None if heard.topic is None else await self.store.topics.at(heard.chat, heard.topic)
        if topic is not None:
            self.placed(topic)
        tell = self._teller(heard, topic)
        if command is not None and command.name in ("link", "unlink", "help") and not heard.edited:
            if command.name == "help":
                await tell(words.HELP)
            elif heard.anonymous:
                await tell(words.ANONYMOUS)
            else:
                await tell(f"▸ {words.one_line(heard.name, '?')}: {await self._linking(heard, command)}")
            return
        if topic is None:
            return
        agent = await self._agent(heard, tell)
        if agent is None:
            return
        try:
            async with self.desk.chats.ground.lane(lane_of(topic.key)):
                await self._written(agent, topic, heard, command)
        except DeskRefusal as refusal:
            done = (
                ""
                if "not sent" in str(refusal) or "Nothing was done" in str(refusal)
                else " Nothing was done."
            )
            await tell(f"▸ {words.one_line(agent.name, '?')}: {refusal}{done}")

    def _for_another(self, command: Command) -> bool:
        """Whether it names another bot."""
        mine = (self.bot.username or "").lower()
        return command.addressee is not None and command.addressee != mine

    def _teller(self, heard: Heard, topic: Topic | None) -> Tell:
        """What says something where this was heard."""

        async def tell(text: str) -> None:
            if topic is None:
                self.beside(heard.chat, text)
            else:
                await self.asides.say(topic.key, heard.update_id, text)

        return tell

    async def _agent(self, heard: Heard, tell: Tell) -> Agent | None:
        """Who this is at the desk; whoever is nobody is told once how to become somebody."""
        agent = None if heard.anonymous else await self.links.who(heard.person)
        if agent is None and await self.links.first_seen(heard.person):
            name = words.one_line(heard.name, "?")
            await tell(words.ANONYMOUS if heard.anonymous else words.HINT.format(name=name))
        return agent

    async def _written(self, agent: Agent, topic: Topic, heard: Heard, command: Command | None) -> None:
        text = (heard.words or "").strip()
        private = _private_words(text, command)
        if private is None and text.startswith("/") and (command is None or heard.edited):
            raise BadInput(f"“{text[:20]}” is no command, so it was not sent: /help shows them.")
        if heard.edited:
            kept = text if private is None else private
            await self.writing.edited(agent, topic, heard, kept, private=private is not None)
        elif text and words.wants_reason(heard.answers):
            await self.cancelling.begin(agent, topic, text)
        elif private is None and command is None and words.for_agents(heard.answers):
            raise BadInput("You answered a message of mine, not the customer. Write it without answering me.")
        elif private is not None:
            await self.writing.note(agent, topic, heard, private)
        elif heard.media:
            await self.writing.media(agent, topic, heard)
        elif command is not None:
            await self._commanded(agent, topic, heard, command)
        else:
            await self.writing.reply(agent, topic, heard, text)

    async def _commanded(self, agent: Agent, topic: Topic, heard: Heard, command: Command) -> None:
        if command.name not in PLAIN:
            raise BadInput(f"/{command.name} is no command here: /help shows them.")
        if command.rest and command.name != "cancel":
            raise BadInput(f"/{command.name} stands alone.")
        await self._do(agent, topic, heard, command.name, command.rest)

    async def _do(self, agent: Agent, topic: Topic, heard: Heard, name: str, reason: str = "") -> str:
        """Do it; what to tell whoever pressed a button. Raises `DeskRefusal`."""
        chats, key = self.desk.chats, topic.key
        match name:
            case "claim":
                await chats.claim(agent, key)
                return "The chat is yours."
            case "release":
                await chats.put_back(agent, key)
            case "back" | "resume":
                await chats.give_back(agent, key, resume=name == "resume")
            case "resolve":
                await chats.resolve(agent, key)
            case "order":
                panel = await self.desk.orders.panel(agent, key)
                await self.asides.say(key, heard.update_id, words.order(panel, chats.zone))
            case "cancel":
                await self.cancelling.begin(agent, topic, reason)
                return "See what is asked in the topic."
        return "Done."

    # ---- buttons

    async def _pressed(self, heard: Heard) -> None:
        try:
            told, alert = await self._press(heard), False
        except DeskRefusal as refusal:
            told, alert = str(refusal), True
        await self._answer(heard.query or "", told, alert=alert)

    async def _answer(self, query: str, told: str, *, alert: bool = False) -> None:
        try:
            await self.bot.answer(query, told, alert=alert)
        except (ApiFailed, ChannelBusy, ChatGone, ChatMoved) as trouble:
            _log.info("telegram_desk_button_not_answered", error=type(trouble).__name__)

    async def _press(self, heard: Heard) -> str:
        agent = await self.links.who(heard.person)
        if agent is None:
            raise BadInput("You are not linked to an account of the desk: /help tells how.")
        button = pressed(heard.data)
        topic = None if heard.topic is None else await self.store.topics.at(heard.chat, heard.topic)
        if button is None or topic is None:
            raise BadInput("This button belongs to a conversation that is shown elsewhere now.")
        self.placed(topic)
        if button.name == "yes":
            return await self.cancelling.confirm(agent, topic, heard.update_id, button.of)
        if button.name == "no":
            return await self.cancelling.decline(agent, topic, heard.update_id, button.of)
        if button.of != topic.reference:
            raise BadInput("This summary is of an earlier case: use the pinned one.")
        return await self._do(agent, topic, heard, button.name)


def lane_of(key: str) -> str:
    """What an agent writes is known as theirs before anybody shows it: both line up here."""
    return f"topic {key}"


def _private_words(text: str, command: Command | None) -> str | None:
    """The words of a private note, if it is one."""
    if text.startswith(_PRIVATE):
        return text.removeprefix(_PRIVATE).strip()
    return command.rest if command is not None and command.name == "note" else None
