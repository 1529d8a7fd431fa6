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


class NoSuchCase(LookupError):
    """No case has this reference."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """What agents see and do, in the name of `agent`."""

    store: Store
    reception: Reception
    clock: Callable[[], datetime]
    agent: str

    async def waiting(self) -> tuple[Waiting, ...]:
        """Who waits for a person or is with one, longest first."""
        return await self.store.inbox((Mode.WAITING.value, Mode.PERSON.value))

    async def show(self, reference: str) -> tuple[Stored, Sequence[Entry]]:
        """A case's conversation and its transcript, the last 200 messages. Raises `NoSuchCase`."""
        key = await self._key(reference)
        stored = await self.store.load(key)
        if stored is None:
            raise NoSuchCase(reference)
        return stored, await self.store.entries(key, max(0, stored.last_seq - 200))

    async def reply(self, reference: str, text: str) -> Receipt:
        """Answer the customer; the chat is this agent's from then on. Raises `NoSuchCase`."""
        return await self.reception.happen(
            await self._key(reference), PersonSaid(self.clock(), self.agent, text)
        )

    async def back(self, reference: str, *, resume: bool) -> Receipt:
        """Give the chat back to the bot. Raises `NoSuchCase`."""
        return await self.reception.happen(
            await self._key(reference), PersonGaveBack(self.clock(), self.agent, resume)
        )

    async def close(self, reference: str) -> Receipt:
        """Settle the case; the customer is told. Raises `NoSuchCase`."""
        return await self.reception.happen(await self._key(reference), PersonClosed(self.clock(), self.agent))

    async def _key(self, reference: str) -> str:
        key = await self.store.find_by_reference(reference.strip().upper())
        if key is None:
            raise NoSuchCase(reference)
        return key
