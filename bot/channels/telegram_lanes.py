"""Order within a chat, and no waiting between chats."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

Work = Callable[[], Awaitable[None]]


class Lanes:
    """A lane a chat: its work is done one after the other, beside that of the others."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Work]] = {}
        self._workers: set[asyncio.Task[None]] = set()

    def put(self, key: str, work: Work) -> None:
        """Line up behind what waits for the same key. The work must not raise."""
        if key in self._waiting:
            self._waiting[key].append(work)
            return
        self._waiting[key] = deque([work])
        worker = asyncio.create_task(self._walk(key))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def drain(self, limit: float) -> None:
        """Finish what is lined up; what takes longer than `limit` seconds is given up."""
        if not self._workers:
            return
        _, late = await asyncio.wait(self._workers, timeout=limit)
        for worker in late:
            worker.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _walk(self, key: str) -> None:
        lane = self._waiting[key]
        try:
            while lane:
                await lane.popleft()()
        finally:
            del self._waiting[key]
