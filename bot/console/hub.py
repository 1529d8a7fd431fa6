"""What changed, looked up once for all consoles of this process, and handed to each.

However many consoles there are, a change costs one reading of the store: changes that come together are read
together, and a console that is slow gets each conversation once, as it is by then.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from msgspec import Raw

from bot.console.answers import encoded
from bot.console.shapes import ShownCounts, counts_of, row_of
from bot.desk.feed import Change, ChangeKind, Subscription
from bot.desk.rights import Right
from bot.desk.service import Desk
from storage.desk_records import Agent, Counts, QueueItem
from storage.errors import StoreError

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)
_GATHER = 0.04
"""Seconds in which changes gather after some were handed on: nobody sees them, and the store does."""
_COUNT = timedelta(seconds=1)
"""Numbers are counted no more often, and shared by all who see the same."""
_SILENT = frozenset({ChangeKind.PRESENCE, ChangeKind.WORKING, ChangeKind.DELIVERY})
"""What changes no number."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation as it is now, with its row as it is sent to whoever may see it."""

    item: QueueItem
    raw: Raw


class Console(Protocol):
    """One open console."""

    def put(self, changes: tuple[Change, ...], seen: Mapping[str, Seen]) -> None:
        """Take changes over. Never waits."""

    def recount(self) -> None:
        """The numbers are others now. Never waits."""

    def lose(self) -> None:
        """Changes were lost: let the page come back and catch up."""


class Hub:
    """Listens to the desk while any console is open."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._clock = clock
        self._consoles: set[Console] = set()
        self._task: asyncio.Task[None] | None = None
        self._counted: dict[str, tuple[datetime, asyncio.Task[Counts]]] = {}
        self._recounting: asyncio.TimerHandle | None = None

    def join(self, console: Console) -> None:
        """Hand everything to this console from now on."""
        self._consoles.add(console)
        if self._task is None:
            self._task = asyncio.create_task(self._listen(self._desk.feed.watch_all()))

    async def leave(self, console: Console) -> None:
        """Hand it nothing more; nobody listens where no console is open."""
        self._consoles.discard(console)
        if not self._consoles:
            await self.stop()

    async def stop(self) -> None:
        """Listen no more."""
        task, self._task = self._task, None
        if self._recounting is not None:
            self._recounting.cancel()
            self._recounting = None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def counts(self, agent: Agent) -> ShownCounts:
        """The numbers for this agent, at most a second old."""
        everything = Right.SEE_OTHERS in self._desk.rights.of(agent)
        found = await self._shared("" if everything else agent.id, agent)
        return counts_of(found, found.assignees.get(agent.name, 0))

    async def _shared(self, whose: str, agent: Agent) -> Counts:
        """One counting for all who see the same, whoever of them asked."""
        now = self._clock()
        kept = self._counted.get(whose)
        if kept is None or now - kept[0] >= _COUNT or _failed(kept[1]):
            kept = (now, asyncio.create_task(self._desk.queue.counts(agent)))
            self._counted = {name: one for name, one in self._counted.items() if now - one[0] < _COUNT}
            self._counted[whose] = kept
        return await asyncio.shield(kept[1])

    async def _listen(self, changes: Subscription) -> None:
        try:
            async for batch in changes:
                try:
                    await self._spread(batch)
                except Exception:  # noqa: BLE001  whatever it is, the next change is looked up again
                    _log.exception("a change could not be handed to the consoles")
                    self._lose()
                await asyncio.sleep(_GATHER)
        finally:
            await changes.aclose()

    async def _spread(self, batch: tuple[Change, ...]) -> None:
        try:
            items = await self._desk.queue.glance([change.key for change in batch])
        except StoreError as error:
            _log.error("what changed could not be read for the consoles", error=str(error))
            self._lose()
            return
        seen = {key: Seen(item, Raw(encoded(row_of(item)))) for key, item in items.items()}
        for console in self._consoles:
            console.put(batch, seen)
        if any(change.kinds - _SILENT for change in batch) and self._recounting is None:
            loop = asyncio.get_running_loop()
            self._recounting = loop.call_later(_COUNT.total_seconds(), self._recount)

    def _lose(self) -> None:
        for console in self._consoles:
            console.lose()

    def _recount(self) -> None:
        self._recounting = None
        for console in self._consoles:
            console.recount()


def _failed(counting: asyncio.Task[Counts]) -> bool:
    return counting.done() and (counting.cancelled() or counting.exception() is not None)
