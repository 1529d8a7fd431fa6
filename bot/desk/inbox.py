"""The inbox: who waits for a person, and what a person can do there. The command line is its first door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.ports import Receipt
from bot.reception import Reception
from dialogs.conversation import Mode
from dialogs.events import PersonClosed, PersonGaveBack, PersonSaid
from storage.records import Entry, Stored, Waiting
from storage.store import Store

_SHOWN = 200


class NoSuchCase(LookupError):
    """No case has this reference."""


class BotHasIt(Exception):
    """There is nothing to give back: no person has or awaits this chat."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """What agents see."""

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
class Agent:
    """What an agent does, under the `name` that the customer sees. Everything raises `NoSuchCase`."""

    name: str
    inbox: Inbox
    reception: Reception
    clock: Callable[[], datetime]

    async def reply(self, reference: str, text: str) -> Receipt:
        """Answer the customer; the chat is this agent's from then on."""
        key = await self.inbox.key(reference)
        return await self.reception.happen(key, PersonSaid(self.clock(), self.name, text))

    async def back(self, reference: str, *, resume: bool) -> Receipt:
        """Give the chat back to the bot. Raises `BotHasIt`."""
        stored, _ = await self.inbox.show(reference)
        if stored.conversation.mode is Mode.BOT:
            raise BotHasIt(reference)
        key = stored.key
        return await self.reception.happen(key, PersonGaveBack(self.clock(), self.name, resume))

    async def close(self, reference: str) -> Receipt:
        """Settle the case; the customer is told."""
        key = await self.inbox.key(reference)
        return await self.reception.happen(key, PersonClosed(self.clock(), self.name))
