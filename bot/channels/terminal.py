"""The terminal: one customer at a keyboard, or a script over standard input."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from bot.feed import LocalFeed
from bot.ports import Door, Incoming, Open, Press, Receipt, Words
from dialogs.conversation import Conversation
from storage.records import Author, Choice, Entry
from storage.store import Store


@dataclass(slots=True)
class Terminal:
    """One chat as a `Channel` whose client reads the transcript itself."""

    store: Store
    feed: LocalFeed
    clock: Callable[[], datetime]
    chat: str
    locale: str = "en"
    name: str = "terminal"
    fetches: bool = True
    choices: tuple[Choice, ...] = ()
    """The buttons below the last message."""
    _door: Door | None = None
    _seen: int = 0
    _count: int = 0
    _closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def key(self) -> str:
        """The key of this chat."""
        return f"{self.name}:{self.chat}"

    async def start(self, door: Door) -> None:
        """Begin to take lines in."""
        self._door = door

    async def stop(self) -> None:
        """Take no more in."""
        self._door = None

    async def check(self) -> None:
        """A terminal always works."""

    async def deliver(self, key: str, entry: Entry) -> None:
        """Nothing is sent: the transcript is read."""

    async def typing(self, key: str) -> None:
        """Nothing is shown."""

    async def open(self) -> list[Entry]:
        """Open the chat; the welcome."""
        return await self._pass(Open())

    async def line(self, text: str) -> list[Entry]:
        """One line of the customer's: text, or a button by its number or words; the answers to it."""
        choice = self._choice(text)
        return await self._pass(Press(choice.value, choice.label) if choice else Words(text))

    async def press(self, value: str) -> list[Entry]:
        """Press a button by its value."""
        label = next((choice.label for choice in self.choices if choice.value == value), value)
        return await self._pass(Press(value, label))

    async def state(self) -> Conversation | None:
        """What the conversation knows now."""
        stored = await self.store.load(self.key)
        return stored.conversation if stored else None

    async def new(self) -> list[Entry]:
        """Messages to the customer that were not shown yet."""
        entries = await self.store.entries(self.key, self._seen)
        if entries:
            self._seen = entries[-1].seq
        answers = [entry for entry in entries if entry.author is not Author.CUSTOMER]
        if answers:
            self.choices = answers[-1].choices
        return answers

    async def _pass(self, what: Open | Press | Words) -> list[Entry]:
        if self._door is None:
            raise RuntimeError("the terminal is not started")
        self._count += 1
        async with aclosing(self.feed.watch(self.key)) as notices:
            receipt: Receipt = await self._door.receive(
                Incoming(self.key, str(self._count), what, self.locale)
            )
            del receipt
            while (state := await self.state()) is not None and state.awaiting is not None:
                await anext(notices)
        return await self.new()

    def _choice(self, text: str) -> Choice | None:
        """The button meant by its number ("2") or its own words."""
        plain = text.strip().casefold()
        for number, choice in enumerate(self.choices, 1):
            if plain in (str(number), choice.label.casefold()):
                return choice
        return None
