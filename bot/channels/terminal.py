"""The terminal: one customer at a keyboard, or a script over standard input."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.ports import Door, Incoming, Notice, Open, Press, Words
from dialogs.conversation import Conversation
from storage.records import Author, Choice, Entry, Stored

_LOOK_AGAIN = 0.5
"""Seconds without a hint after which the record is asked: a hint may be lost."""


class Records(Protocol):
    """What is kept of the chat."""

    async def load(self, key: str, *, fresh: bool = False) -> Stored | None:
        """The conversation; `fresh`: also what another process saved."""

    async def entries(self, key: str, after: int = 0, limit: int = 200) -> Sequence[Entry]:
        """Messages of the transcript with a greater number than `after`, in order."""


class Hints(Protocol):
    """A `Feed`, as far as it is watched here."""

    def watch(self, key: str) -> "Watching":
        """What is published for this key from the call on."""


class Watching(Protocol):
    """Notices of one conversation."""

    async def __anext__(self) -> Notice:
        """The next one."""

    async def aclose(self) -> None:
        """Watch no more."""


@dataclass(slots=True)
class Terminal:
    """One chat as a `Channel` whose client reads the transcript itself."""

    store: Records
    feed: Hints
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
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

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
        stored = await self.store.load(self.key, fresh=True)
        return stored.conversation if stored else None

    async def new(self) -> list[Entry]:
        """Messages to the customer that were not shown yet; each is given once."""
        async with self._reading:
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
            await self._door.receive(Incoming(self.key, str(self._count), what, self.locale))
            while (state := await self.state()) is not None and state.awaiting is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(notices.__anext__(), _LOOK_AGAIN)
        return await self.new()

    def _choice(self, text: str) -> Choice | None:
        """The button meant by its number ("2") or its own words."""
        plain = text.strip().casefold()
        for number, choice in enumerate(self.choices, 1):
            if plain in (str(number), choice.label.casefold()):
                return choice
        return None
