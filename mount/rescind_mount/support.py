"""What both mounts share: which updates are passed on, in which order, and which chats are ours."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from rescind_mount.product import Product, Unreached
from rescind_mount.seen import COMMANDS, Kind, Looking, Seen
from rescind_mount.words import APOLOGIES, apology

_log = logging.getLogger("rescind_mount")
_LONGEST_PAUSE = 60.0
_MANY = 10_000


class Whose(Enum):
    """What became of an update."""

    OURS = auto()
    """Rescind has it, and answers the customer."""
    THE_SHOPS = auto()
    UNREACHED = auto()
    """It was meant for Rescind, which gave no answer in time: the customer is to be told so."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the assistant is mounted.

    `commands` are those of the assistant that this bot leaves to it. `keeps` are texts that stay the shop's
    in an open chat, such as those of its reply keyboard. `limit` is how long, in seconds, an update may be
    held up. `words` are what a customer is told when Rescind cannot be reached, by language. With
    `ask_always`, every text in a private chat is passed on: for a bot that runs as several processes, none
    of which sees all of a chat.
    """

    commands: Collection[str] = COMMANDS
    keeps: Collection[str] = ()
    limit: float = 3.0
    words: Mapping[str, str] = field(default_factory=lambda: APOLOGIES)
    ask_always: bool = False


USUAL = Options()


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Support:
    """The assistant, as a shop's bot sees it."""

    def __init__(self, url: str, secret: str, options: Options) -> None:
        self.looking = Looking(options.commands, options.keeps)
        self._product = Product(url, secret)
        self._options = options
        self._open: dict[int, float] = {}
        self._lanes: dict[int, _Lane] = {}
        self._learning: asyncio.Task[None] | None = None
        self._first_try = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def start(self) -> None:
        """Begin to learn which chats are open, once; whoever knows it better meanwhile is not overruled."""
        if self._learning is None:
            self._learning = asyncio.create_task(self._learn())

    async def ready(self) -> None:
        """Return when that was learned, or could not be at once."""
        self.start()
        await self._first_try.wait()

    async def close(self) -> None:
        """Finish what is being asked, then let go of everything; the next update opens it again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._options.limit):
                await self._idle.wait()
        learning, self._learning = self._learning, None
        if learning is not None:
            learning.cancel()
            await asyncio.gather(learning, return_exceptions=True)
        await self._product.close()

    def concerns(self, seen: Seen) -> bool:
        """Whether an update has to be asked about."""
        return self._may_be_ours(seen) or not self._first_try.is_set()

    def busy(self, chat: int) -> bool:
        """Whether an update of this chat is being asked about: those after it have to wait."""
        return chat in self._lanes

    @asynccontextmanager
    async def lane(self, chat: int) -> AsyncIterator[None]:
        """One update at a time a chat, in the order of the calls; nothing waits for another chat."""
        lane = self._lanes.setdefault(chat, _Lane())
        lane.users += 1
        self._idle.clear()
        try:
            async with lane.lock:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[chat]
            if not self._lanes:
                self._idle.set()

    def deadline(self) -> float:
        """Until when, on the loop's clock, an update that comes now may be held up."""
        return asyncio.get_running_loop().time() + self._options.limit

    async def whose(self, seen: Seen | None, update: Callable[[], bytes], until: float) -> Whose:
        """Whose an update is, passing it on if it may be ours. To be called within its chat's lane."""
        if seen is None:
            return Whose.THE_SHOPS
        if not self._may_be_ours(seen):
            await self.ready()
        if not self._may_be_ours(seen):
            return Whose.THE_SHOPS
        try:
            answer = await self._product.take(update(), until)
        except Unreached as why:
            _log.error("Rescind was not reached with update %d: %s", seen.update_id, why)
            return Whose.UNREACHED
        if answer.open is not None:
            self._note(seen.chat, answer.open)
        return Whose.OURS if answer.claimed else Whose.THE_SHOPS

    def apology(self, seen: Seen) -> str:
        """What the customer is told when Rescind was not reached."""
        return apology(self._options.words, seen.language)

    def _may_be_ours(self, seen: Seen) -> bool:
        if seen.kind is not Kind.WORDS or self._options.ask_always:
            return True
        return self._open.get(seen.chat, 0.0) > asyncio.get_running_loop().time()

    def _note(self, chat: int, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        if seconds <= 0:
            self._open.pop(chat, None)
            return
        if len(self._open) >= _MANY and chat not in self._open:
            self._open = {other: until for other, until in self._open.items() if until > now}
        self._open[chat] = now + seconds

    async def _learn(self) -> None:
        pause = 1.0
        while True:
            try:
                told = await self._product.chats(self.deadline())
            except Unreached as why:
                _log.warning("Rescind was not reached at the start: %s", why)
            else:
                for chat in told.keys() - self._open.keys():
                    self._note(chat, told[chat])
                return
            finally:
                self._first_try.set()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
