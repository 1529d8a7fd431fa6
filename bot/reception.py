"""The one door: drop what was seen, read, load, step, save all of it at once, and only then act."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import structlog

from bot.ports import Feed, Incoming, Language, Notice, Open, Overloaded, Press, Receipt, Wordless, Words
from bot.speech import Speech, language_of
from dialogs.conversation import Conversation
from dialogs.effects import (
    CallPerson,
    CancelOrder,
    CaseClosed,
    CaseOpened,
    DecisionMade,
    Effect,
    LookUpOrder,
    Relay,
    Say,
    SayAgain,
)
from dialogs.engine import Dialogue, Step
from dialogs.events import Event, LanguageChosen, Opened, Pressed, Said, Sent
from dialogs.understanding import Understanding
from storage.errors import StoreBusy
from storage.records import (
    Author,
    Contact,
    Deliver,
    Duplicate,
    Entry,
    Notify,
    Saved,
    Stale,
    Stored,
    Turn,
    Work,
)
from storage.store import Store

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_ATTEMPTS = 20
"""How often a turn is stepped again because another process was faster; far more than ever happens."""


class Dispatch(Protocol):
    """What takes work on after it is durable."""

    def __call__(self, key: str, ids: Sequence[int], work: Sequence[Work]) -> None:
        """Take it on. Never waits."""


class Contended(Exception):
    """Others kept being faster with the same conversation."""


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Reception:
    """A `Door`. `pushes` names the channels that messages must be sent to; the others' clients fetch them."""

    def __init__(
        self,
        *,
        dialogue: Dialogue,
        understanding: Understanding,
        speech: Speech,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        pushes: Collection[str] = (),
        digest: Callable[[str], str] = str,
        backlog: int = 4096,
    ) -> None:
        self._dialogue = dialogue
        self._understanding = understanding
        self._speech = speech
        self._store = store
        self._feed = feed
        self._clock = clock
        self.pushes = frozenset(pushes)
        self._digest = digest
        self._backlog = backlog
        self._lanes: dict[str, _Lane] = {}
        self._inside = 0
        self.dispatch: Dispatch = _nobody

    async def receive(self, incoming: Incoming) -> Receipt:
        """Take one update of a customer in; answered once it is durable. Raises `Overloaded`."""
        if self._inside >= self._backlog:
            raise Overloaded
        event, said = self._event(incoming)
        try:
            return await self._happen(
                incoming.key,
                event,
                update_id=incoming.id,
                said=said,
                newcomer=incoming,
            )
        except (StoreBusy, Contended) as busy:
            raise Overloaded from busy

    async def happen(self, key: str, event: Event, settles: tuple[int, ...] = ()) -> Receipt:
        """Take in what an agent, the shop or the time brought; `settles` names the work it answers."""
        return await self._happen(key, event, settles=settles)

    async def _happen(
        self,
        key: str,
        event: Event,
        *,
        update_id: str | None = None,
        said: str | None = None,
        settles: tuple[int, ...] = (),
        newcomer: Incoming | None = None,
    ) -> Receipt:
        async with self._lane(key):
            for attempt in range(_ATTEMPTS):
                stored = await self._store.load(key, fresh=attempt > 0) or self._newcomer(key, newcomer)
                step = self._dialogue.step(stored.conversation, event)
                turn = await self._turn(
                    stored, step, event.at, update_id=update_id, said=said, settles=settles, newcomer=newcomer
                )
                match await self._store.save(turn):
                    case Saved(work_ids):
                        self._act(turn, work_ids)
                        return Receipt(duplicate=False, entries=turn.entries)
                    case Duplicate():
                        return Receipt(duplicate=True)
                    case Stale():
                        continue
        raise Contended

    @asynccontextmanager
    async def _lane(self, key: str) -> AsyncGenerator[None, None]:
        """One turn at a time a conversation, in the order of the calls; others go on beside it."""
        lane = self._lanes.setdefault(key, _Lane())
        lane.users += 1
        self._inside += 1
        try:
            async with lane.lock:
                yield
        finally:
            self._inside -= 1
            lane.users -= 1
            if lane.users == 0:
                del self._lanes[key]

    def _newcomer(self, key: str, incoming: Incoming | None) -> Stored:
        locale = incoming.locale if incoming and incoming.locale else "en"
        if language_of(locale) not in self._dialogue.rules.locales:
            locale = "en"
        return Stored(key, 0, 0, Conversation(seed=secrets.token_hex(16), locale=locale), Contact())

    def _event(self, incoming: Incoming) -> tuple[Event, str | None]:
        """The event, and the words the transcript keeps for it."""
        at = self._clock()
        match incoming.what:
            case Words(text, edited):
                return Said(at, text, self._understanding.read(text), edited), text
            case Press(value, label):
                return Pressed(at, value), label
            case Wordless(what):
                return Sent(at, what), f"[{what.value}]"
            case Open(number):
                return Opened(at, number), None
            case Language(locale):
                return LanguageChosen(at, locale), None

    async def _turn(
        self,
        stored: Stored,
        step: Step,
        at: datetime,
        *,
        update_id: str | None,
        said: str | None,
        settles: tuple[int, ...],
        newcomer: Incoming | None,
    ) -> Turn:
        entries: list[Entry] = []
        if said is not None:
            entries.append(Entry(stored.last_seq + 1, at, Author.CUSTOMER, said, update_id=update_id))
        work: list[Work] = []
        pushed = stored.key.partition(":")[0] in self.pushes
        for effect in step.effects:
            match effect:
                case Say() | SayAgain() | Relay():
                    entry = await self._entry(stored, effect, step.conversation.locale, at, len(entries))
                    entries.append(entry)
                    if pushed:
                        work.append(Deliver(entry.seq))
                case CallPerson(reason, reference):
                    work.append(Notify(reason.value, reference))
                case LookUpOrder() | CancelOrder():
                    work.append(effect)
                case CaseOpened() | CaseClosed() | DecisionMade():
                    pass
        return Turn(
            key=stored.key,
            base=stored.version,
            last_seq=stored.last_seq + len(entries),
            at=at,
            conversation=step.conversation,
            contact=self._contact(stored.contact, newcomer),
            update_id=update_id,
            entries=tuple(entries),
            work=tuple(work),
            records=_records(step.effects),
            settles=settles,
            wake_at=step.conversation.wake_at,
        )

    async def _entry(
        self, stored: Stored, effect: Say | SayAgain | Relay, locale: str, at: datetime, before: int
    ) -> Entry:
        seq = stored.last_seq + before + 1
        match effect:
            case Say(parts, buttons):
                return Entry(
                    seq,
                    at,
                    Author.BOT,
                    self._speech.paragraphs(parts, locale),
                    self._speech.choices(buttons, locale),
                )
            case Relay(agent, text):
                return Entry(seq, at, Author.AGENT, text, agent=agent)
            case SayAgain(intro):
                last = await self._store.last_said(stored.key)
                words = self._speech.text(intro, locale)
                if last is None:
                    return Entry(seq, at, Author.BOT, words)
                return replace(last, seq=seq, at=at, text=f"{words}\n{last.text}")

    def _contact(self, known: Contact, incoming: Incoming | None) -> Contact:
        if incoming is None:
            return known
        address = self._digest(incoming.address) if incoming.address else known.address
        return Contact(incoming.name or known.name, address)

    def _act(self, turn: Turn, work_ids: tuple[int, ...]) -> None:
        """The turn is durable: show it, and let its work be done."""
        busy = any(isinstance(work, LookUpOrder | CancelOrder) for work in turn.work)
        if turn.entries or busy:
            self._feed.publish(turn.key, Notice(turn.entries, typing=busy))
        if turn.work:
            self.dispatch(turn.key, work_ids, turn.work)


def _records(effects: Sequence[Effect]) -> tuple[CaseOpened | CaseClosed | DecisionMade, ...]:
    return tuple(effect for effect in effects if isinstance(effect, CaseOpened | CaseClosed | DecisionMade))


def _nobody(key: str, ids: Sequence[int], work: Sequence[Work]) -> None:
    """Nobody performs here: the work stays in the outbox for a process that does."""
    del key, ids, work
