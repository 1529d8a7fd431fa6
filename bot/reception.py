"""The one door: drop what was seen, read, load, step, save all of it at once, and only then act."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import structlog

from bot.ports import (
    Feed,
    Incoming,
    Language,
    Notice,
    Open,
    Overloaded,
    Press,
    Reader,
    Receipt,
    Wordless,
    Words,
)
from bot.scribe import Cause, Scribe
from bot.speech import Speech, language_of
from dialogs.conversation import Conversation
from dialogs.effects import CancelOrder, LookUpOrder, Say
from dialogs.engine import Dialogue, Step
from dialogs.events import Event, LanguageChosen, Opened, PersonEvent, Pressed, Said, Sent
from dialogs.mishap import mishap
from dialogs.reading import Reading
from storage.errors import StoreBusy, StoreError
from storage.records import Contact, Duplicate, Result, Saved, Stale, Stored, Turn
from storage.store import Store

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_ATTEMPTS = 20
"""How often a turn is stepped again because another process was faster; far more than ever happens."""


class Dispatch(Protocol):
    """What takes work on after it is durable."""

    def __call__(self, turn: Turn, ids: Sequence[int]) -> None:
        """Take a saved turn's work on, whose ids in the outbox these are. Never waits."""


class Contended(Exception):
    """Others kept being faster with the same conversation."""


class Closed(Exception):
    """Nothing more of customers is taken in: the process stops."""


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Reception:
    """A `Door`. `pushes` names the channels that messages must be sent to; the others' clients fetch them.

    An event that no turn can be made of, because something in us is broken, is saved all the same: with
    words of regret and a person called. So nothing the customer wrote is lost or comes again for ever.
    """

    def __init__(
        self,
        *,
        dialogue: Dialogue,
        understanding: Reader,
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
        self._store = store
        self._feed = feed
        self._clock = clock
        self._scribe = Scribe(speech, store, digest, frozenset(pushes))
        self._backlog = backlog
        self._lanes: dict[str, _Lane] = {}
        self._inside = 0
        self.closed = False
        self.dispatch: Dispatch = _nobody

    @property
    def pushes(self) -> Collection[str]:
        """The channels that messages must be sent to."""
        return self._scribe.pushes

    @pushes.setter
    def pushes(self, names: Collection[str]) -> None:
        self._scribe.pushes = frozenset(names)

    def close(self) -> None:
        """Take no more of customers' updates in; what is inside is finished, and the world still heard."""
        self.closed = True

    async def check(self) -> None:
        """Raise `Closed` once nothing more is taken in, while what is inside is being finished."""
        if self.closed:
            raise Closed

    async def receive(self, incoming: Incoming) -> Receipt:
        """Take one update of a customer in; answered once it is durable. Raises `Overloaded`."""
        if self.closed or self._inside >= self._backlog:
            raise Overloaded
        event = self._event(incoming)
        try:
            return await self._happen(incoming.key, Cause(event.at, event, incoming))
        except (StoreBusy, Contended) as busy:
            raise Overloaded from busy

    async def happen(self, key: str, event: Event, settles: tuple[int, ...] = ()) -> Receipt:
        """Take in what an agent, the shop or the time brought; `settles` names the work it answers."""
        return await self._happen(key, Cause(event.at, event, settles=settles))

    async def hand_over(self, key: str, settles: tuple[int, ...]) -> Receipt:
        """Call a person, because this work cannot be done."""
        return await self._happen(key, Cause(self._clock(), None, settles=settles))

    async def _happen(self, key: str, cause: Cause) -> Receipt:
        async with self._lane(key):
            for attempt in range(_ATTEMPTS):
                stored = await self._store.load(key, fresh=attempt > 0) or self._new(key, cause.incoming)
                turn, result = await self._save(stored, cause)
                match result:
                    case Saved(work_ids):
                        self._act(turn, work_ids)
                        c = turn.conversation
                        return Receipt(
                            duplicate=False,
                            entries=turn.entries,
                            locale=c.locale if c.locale_known else None,
                        )
                    case Duplicate():
                        return Receipt(duplicate=True)
                    case Stale():
                        continue
        raise Contended

    async def _save(self, stored: Stored, cause: Cause) -> tuple[Turn, Result]:
        """Save the best turn that can be made of this cause."""
        failed: Exception | None = None
        for make in self._ways(stored.conversation, cause):
            try:
                turn = await self._scribe.turn(stored, make(), cause)
                return turn, await self._store.save(turn)
            except StoreError:
                raise
            except Exception as error:
                if isinstance(cause.event, PersonEvent):
                    raise  # the agent sees it and can act; the customer need not know
                _log.exception("a turn failed", conversation=stored.key, event_kind=_kind(cause))
                failed = error
        assert failed is not None  # noqa: S101  there is always a way to try
        raise failed

    def _ways(self, c: Conversation, cause: Cause) -> Iterator[Callable[[], Step]]:
        """How a turn can be made, best first: by the dialogue, by calling a person, without a word."""
        if (event := cause.event) is not None:
            yield lambda: self._dialogue.step(c, event)
        apology = mishap(c, cause.at, answered=cause.incoming is None)
        yield lambda: apology
        yield lambda: replace(apology, effects=tuple(e for e in apology.effects if not isinstance(e, Say)))

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

    def _new(self, key: str, incoming: Incoming | None) -> Stored:
        locale = incoming.locale if incoming and incoming.locale else "en"
        if language_of(locale) not in self._dialogue.rules.locales:
            locale = "en"
        return Stored(key, 0, 0, Conversation(seed=secrets.token_hex(16), locale=locale), Contact())

    def _event(self, incoming: Incoming) -> Event:
        at = self._clock()
        match incoming.what:
            case Words(text, edited):
                return Said(at, text, self._read(text), edited)
            case Press(value):
                return Pressed(at, value)
            case Wordless(what):
                return Sent(at, what)
            case Open(number):
                return Opened(at, number)
            case Language(locale):
                return LanguageChosen(at, locale)

    def _read(self, text: str) -> Reading:
        """What the text means; one that cannot be read counts as not understood."""
        try:
            return self._understanding.read(text)
        except Exception:  # noqa: BLE001  a text that the reader stumbles over must not be lost
            _log.exception("a text could not be read")
            return Reading()

    def _act(self, turn: Turn, work_ids: tuple[int, ...]) -> None:
        """The turn is durable: show it, and let its work be done."""
        busy = any(isinstance(work, LookUpOrder | CancelOrder) for work in turn.work)
        if turn.entries or busy:
            self._feed.publish(turn.key, Notice(turn.entries, typing=busy))
        if turn.work:
            self.dispatch(turn, work_ids)


def _kind(cause: Cause) -> str:
    return "work given up" if cause.event is None else type(cause.event).__name__


def _nobody(turn: Turn, ids: Sequence[int]) -> None:
    """Nobody performs here: the work stays in the outbox for a process that does."""
    del turn, ids
