"""Live changes for consoles: which conversation changed, and in what way.

A console that falls behind gets each conversation once, with all that changed in it: however many messages
flow, what waits for one console is bounded by the number of conversations.
"""

import asyncio
from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum

from bot.feed import LocalFeed
from bot.ports import Notice
from storage.records import Entry

_MOST_ENTRIES = 50


class ChangeKind(StrEnum):
    """In what way a conversation changed."""

    MESSAGE = "message"
    """Something was said."""
    DELIVERY = "delivery"
    """A message to the customer was given up, or such a one is sent again."""
    STATE = "state"
    """Claimed, put back, snoozed, settled, passed on, given back, or its priority or labels changed."""
    NOTE = "note"
    ORDER = "order"
    """An intercept was set, reminds or ended."""
    PRESENCE = "presence"
    WORKING = "working"
    """The bot is at work on an answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in one conversation since the last change that this subscriber took.

    `entries` are new messages in order, at most the last 50: whoever shows the chat compares `seq` with
    what it has and fetches what lies between. Only a hint: the store is the truth.
    """

    key: str
    kinds: frozenset[ChangeKind]
    entries: tuple[Entry, ...] = ()


class DeskFeed(LocalFeed):
    """The house's feed, which tells consoles too. `publish` costs nothing where no console listens."""

    def __init__(self) -> None:
        super().__init__()
        self._subscribers: set[Subscription] = set()
        self._told: dict[str, int] = {}

    def told(self, key: str) -> int:
        """The number of the last message of a conversation that consoles were told of here; 0: none."""
        return self._told.get(key, 0)

    def keep_told(self, keys: Container[str]) -> None:
        """Forget what was told of all other conversations."""
        self._told = {key: seq for key, seq in self._told.items() if key in keys}

    @property
    def listened_to(self) -> bool:
        """Whether any console listens."""
        return bool(self._subscribers)

    def publish(self, key: str, notice: Notice) -> None:
        """Tell the watchers of a conversation, and the consoles. Never waits."""
        super().publish(key, notice)
        kinds = {ChangeKind.MESSAGE, ChangeKind.STATE} if notice.entries else set()
        if notice.typing:
            kinds.add(ChangeKind.WORKING)
        if not self._subscribers:
            return
        if notice.entries:
            self._told[key] = notice.entries[-1].seq
        if kinds:
            self._tell(Change(key, frozenset(kinds), notice.entries))

    def changed(self, key: str, *kinds: ChangeKind) -> None:
        """Tell the consoles that a conversation changed otherwise. Never waits."""
        self._tell(Change(key, frozenset(kinds)))

    def lost(self, key: str) -> None:
        """Tell the consoles that a message to the customer was given up. Never waits."""
        self.changed(key, ChangeKind.DELIVERY)

    def watch_all(self) -> "Subscription":
        """Every change from the call on; end it by `aclose`. Check rights before showing any of it."""
        subscription = Subscription(self)
        self._subscribers.add(subscription)
        return subscription

    def drop(self, subscription: "Subscription") -> None:
        """Tell this subscriber nothing more."""
        self._subscribers.discard(subscription)

    def _tell(self, change: Change) -> None:
        for subscription in self._subscribers:
            subscription.put(change)


class Subscription:
    """The changes for one console: an asynchronous iterator of batches, each conversation once in a batch."""

    def __init__(self, feed: DeskFeed) -> None:
        self._feed = feed
        self._waiting: dict[str, Change] = {}
        self._any = asyncio.Event()
        self._closed = False

    def put(self, change: Change) -> None:
        """Add a change to what waits. Never waits."""
        before = self._waiting.get(change.key)
        if before is not None:
            entries = (*before.entries, *change.entries)[-_MOST_ENTRIES:]
            change = Change(change.key, before.kinds | change.kinds, entries)
        self._waiting[change.key] = change
        self._any.set()

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> tuple[Change, ...]:
        """All that waits, as soon as something does, in the order in which it began to wait."""
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._any.clear()
            await self._any.wait()
        changes = tuple(self._waiting.values())
        self._waiting.clear()
        return changes

    async def aclose(self) -> None:
        """Listen no more; whoever waits is told the end."""
        self._closed = True
        self._feed.drop(self)
        self._any.set()
