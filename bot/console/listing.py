"""The list that one console shows, and what became of it."""

from collections.abc import Iterator, Mapping

from msgspec import Raw

from bot.console import frames
from bot.console.answers import encoded
from bot.console.fitting import fits
from bot.console.hub import Seen
from bot.console.shapes import row_of
from bot.desk.feed import Change
from bot.desk.queue import Queue
from storage.desk_records import Agent, Filters, QueueItem, State
from storage.records import Author


class Listing:
    """Knows which filters a console shows and which rows it was sent, so that it can say which left."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._view = 0
        self._filters: Filters | None = None
        self._shown: set[str] = set()

    async def page(self, agent: Agent, asked: frames.List) -> frames.Part:
        """The part of the queue that was asked for. Raises `BadInput`, `NotAllowed`."""
        filters = asked.sieve.filters(agent.name)
        found = await self._queue.list(agent, filters, cursor=asked.cursor, limit=asked.limit)
        if asked.view != self._view:
            self._shown.clear()
        self._view, self._filters = asked.view, filters
        self._shown.update(item.key for item in found.items)
        rows = tuple(Raw(encoded(row_of(item))) for item in found.items)
        return frames.Part(asked.view, rows, found.cursor, first=asked.cursor is None)

    def changed(self, agent: Agent, seen: Mapping[str, Seen]) -> frames.Rows | None:
        """The rows among these that the list has now, and those that it had."""
        if self._filters is None:
            return None
        rows, gone = [], []
        for key, one in seen.items():
            if fits(one.item, self._filters) and self._queue.may_see(agent, one.item):
                self._shown.add(key)
                rows.append(one.raw)
            elif key in self._shown:
                self._shown.discard(key)
                gone.append(frames.Gone(key, one.item.stamp))
        return frames.Rows(self._view, tuple(rows), tuple(gone)) if rows or gone else None

    def news(
        self, agent: Agent, changes: Mapping[str, Change], seen: Mapping[str, Seen]
    ) -> Iterator[frames.News]:
        """What this agent wants to be told of, whatever the list shows."""
        for key, change in changes.items():
            item = seen[key].item if key in seen else None
            if item is None or item.agent not in (None, agent.name) or not change.entries:
                continue
            if item.agent is None and item.state is not State.OPEN:
                continue
            yield _news(agent, item, change)


def _news(agent: Agent, item: QueueItem, change: Change) -> frames.News:
    wrote = any(entry.author is Author.CUSTOMER for entry in change.entries)
    return frames.News(
        key=item.key,
        mine=item.agent == agent.name,
        awaits=item.awaits_reply,
        fresh=wrote,
        customer=item.customer or "",
        reference=item.reference,
    )
