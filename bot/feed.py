"""Live fan-out within this process. Across processes the outbox carries the hint (see `performers`)."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator

from bot.ports import Notice

_BACKLOG = 256


class LocalFeed:
    """A `Feed` of queues, one a watcher. A watcher that falls behind loses hints, never messages."""

    def __init__(self) -> None:
        self._watchers: defaultdict[str, set[asyncio.Queue[Notice]]] = defaultdict(set)

    def publish(self, key: str, notice: Notice) -> None:
        """Tell the watchers of a conversation. Never waits."""
        for queue in self._watchers.get(key, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(notice)

    def watch(self, key: str) -> AsyncGenerator[Notice, None]:
        """What is published for this key from the call on."""
        queue: asyncio.Queue[Notice] = asyncio.Queue(_BACKLOG)
        self._watchers[key].add(queue)
        return self._drain(key, queue)

    async def _drain(self, key: str, queue: asyncio.Queue[Notice]) -> AsyncGenerator[Notice, None]:
        try:
            while True:
                yield await queue.get()
        finally:
            watchers = self._watchers[key]
            watchers.discard(queue)
            if not watchers:
                del self._watchers[key]
