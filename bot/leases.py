"""Leases by name, across the processes that share a store."""

from collections.abc import Callable
from datetime import datetime, timedelta

from storage.store import Store

_RESERVED = "lease:"
"""No shop's order number begins like this: the store's locks are by order number."""


class StoreLeases:
    """Leases kept as the store keeps the locks of orders. Every call may raise `StoreError`."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def take(self, name: str, seconds: float) -> bool:
        """Have it for so long, unless somebody has it."""
        now = self._clock()
        return await self._store.lock_order(_RESERVED + name, now + timedelta(seconds=seconds), now)

    async def keep(self, name: str, seconds: float) -> None:
        """Have it for so long from now on, if it is ours."""
        await self._store.extend_locks((_RESERVED + name,), self._clock() + timedelta(seconds=seconds))

    async def leave(self, name: str) -> None:
        """Let others have it, if it is ours."""
        await self._store.unlock_order(_RESERVED + name)
