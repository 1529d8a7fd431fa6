"""A house in memory: a scripted bot behind the door, its transcript and its feed."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from bot.ports import Incoming, Language, Notice, Open, Press, Receipt, Wordless, Words
from storage.records import Author, Choice, Entry

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
YES_NO = (Choice("Yes, cancel it", "yes"), Choice("No, keep it", "no"))
TOPICS = (Choice("Cancel an order", "topic:cancel"), Choice("Where is my order?", "topic:status"))


class Watch:
    """One watcher's queue of notices."""

    def __init__(self, watchers: set["Watch"]) -> None:
        self.notices: asyncio.Queue[Notice] = asyncio.Queue()
        self._watchers = watchers
        watchers.add(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notice:
        return await self.notices.get()

    async def aclose(self) -> None:
        self._watchers.discard(self)


class House:
    """Door, transcript and feed at once. `deaf` loses notices, `failure` is raised by the door,
    `away` by the transcript."""

    def __init__(self) -> None:
        self.entries: defaultdict[str, list[Entry]] = defaultdict(list)
        self.seen: dict[tuple[str, str], Incoming] = {}
        self.watchers: defaultdict[str, set[Watch]] = defaultdict(set)
        self.deaf = False
        self.failure: Exception | None = None
        self.away: Exception | None = None
        self.delay = 0.0

    # ---- Door

    async def receive(self, incoming: Incoming) -> Receipt:
        if self.failure is not None:
            raise self.failure
        if (incoming.key, incoming.id) in self.seen:
            return Receipt(duplicate=True)
        self.seen[incoming.key, incoming.id] = incoming
        said = _said(incoming.what)
        new = [] if said is None else [self._add(incoming.key, Author.CUSTOMER, said, update_id=incoming.id)]
        if self.delay:
            self.publish(incoming.key, Notice(tuple(new), typing=True))
            await asyncio.sleep(self.delay)
        for text, choices in _reply(incoming.what):
            new.append(self._add(incoming.key, Author.BOT, text, choices=choices))
        self.publish(incoming.key, Notice(tuple(new)))
        return Receipt(duplicate=False, entries=tuple(new))

    # ---- Transcript

    async def after(self, key: str, seq: int, limit: int = 200) -> Sequence[Entry]:
        if self.away is not None:
            raise self.away
        return self.entries[key][seq : seq + limit]

    # ---- Feed

    def publish(self, key: str, notice: Notice) -> None:
        for watch in () if self.deaf else self.watchers[key]:
            watch.notices.put_nowait(notice)

    def watch(self, key: str) -> AsyncIterator[Notice]:
        return Watch(self.watchers[key])

    # ---- for tests

    def person_says(self, key: str, text: str, agent: str = "Maria") -> Entry:
        entry = self._add(key, Author.AGENT, text, agent=agent)
        self.publish(key, Notice((entry,)))
        return entry

    def _add(
        self,
        key: str,
        author: Author,
        text: str,
        *,
        choices: tuple[Choice, ...] = (),
        agent: str | None = None,
        update_id: str | None = None,
    ) -> Entry:
        seq = len(self.entries[key]) + 1
        entry = Entry(seq, START + timedelta(seconds=seq), author, text, choices, agent, update_id)
        self.entries[key].append(entry)
        return entry


def _said(what: object) -> str | None:
    match what:
        case Words(text):
            return text
        case Press(value, label):
            return label or value
        case Wordless(kind):
            return f"({kind})"
    return None


def _reply(what: object) -> list[tuple[str, tuple[Choice, ...]]]:
    """What the scripted bot answers."""
    match what:
        case Open():
            return [("Hello! I can check an order and cancel it while that is still possible.", TOPICS)]
        case Press("topic:cancel"):
            return [("Which order is it? Please send its number and the e-mail you bought with.", ())]
        case Press("yes"):
            link = "https://shop.test/orders/1042"
            return [(f"Done: order 1042 is cancelled.\nYou can follow the refund at {link}.", ())]
        case Press(value):
            return [(f"You pressed {value}.", ())]
        case Language(locale):
            return [(f"Language: {locale}.", ())]
        case Wordless(kind):
            return [(f"I cannot read that: {kind}.", ())]
        case Words(text) if "@" in text:
            return [
                ("Order 1042 (2 items, EUR 54.00) has been paid and is not yet packed. Cancel it?", YES_NO)
            ]
        case Words(text):
            return [(f"You said: {text}", ())]
    return []
