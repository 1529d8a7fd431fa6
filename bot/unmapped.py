"""The shop's statuses that nobody has mapped: told once in the log, kept for `rescind orders unmapped`."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from storage.errors import StoreError
from storage.store import Store

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_LONGEST = 200
"""Characters of a status that are kept."""
_MOST = 1000
"""Statuses that are kept in one run: more are no statuses."""
_RETRY = 5.0
"""Seconds until the store is tried again."""


class Unmapped:
    """Called with each of the shop's words that nothing maps. Never waits, and may be called from any thread.

    What it was told is written within moments while a store is given by `kept_in`, and at the latest at the
    end of that; what is told before waits. `shop` is the adapter's name, `remedy` says what to do.
    """

    def __init__(self, shop: str, remedy: str, clock: Callable[[], datetime]) -> None:
        self._shop = shop
        self._remedy = remedy
        self._clock = clock
        self._told: set[str] = set()
        self._waiting: dict[str, datetime] = {}
        self._wake: Callable[[], object] = _nobody

    def __call__(self, status: str) -> None:
        """Note a status, unless this process has."""
        status = status[:_LONGEST]
        if status in self._told or len(self._told) >= _MOST:
            return
        self._told.add(status)
        _log.warning(
            "a status of the shop is not mapped: orders in it go to a person",
            shop=self._shop,
            status=status,
            remedy=self._remedy,
        )
        self._waiting[status] = self._clock()
        self._wake()

    @asynccontextmanager
    async def kept_in(self, store: Store) -> AsyncGenerator[None]:
        """Write to this store until the end of the block, and then what is left."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(news.set)
        writing = asyncio.create_task(self._keep_writing(store, news))
        self._wake()
        try:
            yield
        finally:
            self._wake = _nobody
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await self._write(store)

    async def _keep_writing(self, store: Store, news: asyncio.Event) -> None:
        while True:
            await news.wait()
            news.clear()
            if not await self._write(store):
                await asyncio.sleep(_RETRY)
                news.set()

    async def _write(self, store: Store) -> bool:
        """Whether nothing waits any more that did. Written twice is written once."""
        batch = dict(self._waiting)
        try:
            if batch:
                await store.note_unmapped(self._shop, batch)
        except StoreError as error:
            _log.error(
                "statuses that are not mapped could not be kept", error=str(error), statuses=list(batch)
            )
            return False
        for status in batch:
            del self._waiting[status]
        return True


def _nobody() -> None:
    """Nobody is there yet to write."""
