"""The inbox: who waits for a person, and what a person can do there from the command line."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.desk.chats import Chats
from bot.desk.errors import BotHasIt, NoSuchCase
from bot.desk.ground import Ground
from bot.desk.holding import Holding
from bot.desk.lines import Lines
from bot.desk.presence import Presence
from dialogs.conversation import Mode
from dialogs.rules import Rules
from storage.desk_records import Agent
from storage.records import Entry, Stored, Waiting
from storage.store import Store

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Inbox:
    """What whoever may read the store sees."""

    store: Store

    async def waiting(self) -> tuple[Waiting, ...]:
        """Who waits for a person or is with one, longest first."""
        return await self.store.inbox((Mode.WAITING.value, Mode.PERSON.value))

    async def show(self, reference: str) -> tuple[Stored, Sequence[Entry]]:
        """A case's conversation and its transcript, the last 200 messages. Raises `NoSuchCase`."""
        key = await self.key(reference)
        stored = await self.store.load(key)
        if stored is None:
            raise NoSuchCase(reference)
        return stored, await self.store.entries(key, max(0, stored.last_seq - _SHOWN), _SHOWN)

    async def key(self, reference: str) -> str:
        """The conversation of a case, its reference written in any case. Raises `NoSuchCase`."""
        key = await self.store.find_by_reference(reference.strip().upper())
        if key is None:
            raise NoSuchCase(reference)
        return key


@dataclass(frozen=True, slots=True)
class AtInbox:
    """What an agent does there, on record. Everything raises `NoSuchCase` and `HeldBy`."""

    agent: Agent
    inbox: Inbox
    chats: Chats

    @classmethod
    def of(cls, agent: Agent, ground: Ground, rules: Rules) -> "AtInbox":
        """This agent, at the desk that stands on this ground."""
        presence, lines = Presence(ground.feed, ground.clock), Lines(ground.store, ground.reception)
        return cls(agent, Inbox(ground.store), Chats(ground, presence, Holding(ground), lines, rules))

    async def reply(self, reference: str, text: str) -> Entry:
        """Answer the customer; the chat is this agent's from then on."""
        return await self.chats.reply(self.agent, await self.inbox.key(reference), text)

    async def back(self, reference: str, *, resume: bool) -> None:
        """Give the chat back to the bot. Raises `BotHasIt`."""
        key = await self.inbox.key(reference)
        try:
            await self.chats.give_back(self.agent, key, resume=resume)
        except BotHasIt:
            raise BotHasIt(reference) from None

    async def close(self, reference: str) -> None:
        """Settle the case; the customer is told. Raises `BotHasIt`."""
        key = await self.inbox.key(reference)
        try:
            await self.chats.resolve(self.agent, key)
        except BotHasIt:
            raise BotHasIt(reference) from None
