"""Live fan-out within this process. Across processes the outbox carries the hint (see `deliveries`)."""

import asyncio
from collections import defaultdict

from bot.ports import Notice

_BACKLOG = 256


class LocalFeed:
    """A `Feed` of queues, one a watcher. A watcher that falls behind loses hints, never messages."""

    def __init__(self) -> None:
        self._watchers: defaultdict[str, set[Watch]] = defaultdict(set)

    def publish(self, key: str, notice: Notice) -> None:
        """Tell the watchers of a conversation. Never waits."""
        for watch in self._watchers.get(key, ()):
            watch.put(notice)

    def watch(self, key: str) -> "Watch":
        """What is published for this key from the call on."""
        watch = Watch(self, key)
        self._watchers[key].add(watch)
        return watch

    def forget(self, watch: "Watch") -> None:
        """Tell this watcher nothing more."""
        watchers = self._watchers.get(watch.key)
        if watchers is not None:
            watchers.discard(watch)
            if not watchers:
                del self._watchers[watch.key]


class Watch:
    """The notices of one conversation, from now until `aclose`."""

    def __init__(self, feed: LocalFeed, key: str) -> None:
        self.key = key
        self._feed = feed
        self._notices: asyncio.Queue[Notice] = asyncio.Queue(_BACKLOG)

    def put(self, notice: Notice) -> None:
        """Add a notice, over the oldest if too many wait."""
        if self._notices.full():
            self._notices.get_nowait()
        self._notices.put_nowait(notice)

    def __aiter__(self) -> "Watch":
        return self

    async def __anext__(self) -> Notice:
        return await self._notices.get()

    async def aclose(self) -> None:
        """Watch no more."""
        self._feed.forget(self)
