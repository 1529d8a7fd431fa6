"""One process polls: Telegram gives a bot's updates to one at a time.

Of several processes that share a store, the one that has the lease polls; the others stand by and take over
when it stops or dies.
"""

import asyncio
from typing import Protocol

import structlog

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Leases(Protocol):
    """Leases by name, across processes. Every call may raise an error of the store."""

    async def take(self, name: str, seconds: float) -> bool:
        """Have it for so long, unless somebody has it."""

    async def keep(self, name: str, seconds: float) -> None:
        """Have it for so long from now on, if it is ours."""

    async def leave(self, name: str) -> None:
        """Let others have it, if it is ours."""


class Alone:
    """For a process that shares nothing with another: it always may."""

    async def take(self, name: str, seconds: float) -> bool:
        """Have it."""
        del name, seconds
        return True

    async def keep(self, name: str, seconds: float) -> None:
        """Have it still."""

    async def leave(self, name: str) -> None:
        """Nobody waits for it."""


class Lease:
    """One lease of `seconds`, renewed three times in that time. `held` says whether it is ours."""

    def __init__(self, leases: Leases, name: str, seconds: float) -> None:
        self._leases = leases
        self._name = name
        self._seconds = seconds
        self._until = float("-inf")

    @property
    def held(self) -> bool:
        """Whether it is ours, for all we know."""
        return self._now() < self._until

    async def wait(self) -> None:
        """Return once it is ours."""
        said = False
        while True:
            now = self._now()
            try:
                if await self._leases.take(self._name, self._seconds):
                    self._until = now + self._seconds
                    return
            except Exception as error:  # noqa: BLE001 - whatever the store has, it may have recovered next time
                _log.warning("telegram_lease_not_asked", error=type(error).__name__)
            else:
                if not said:
                    _log.info("telegram_polling_stands_by")
                said = True
            await asyncio.sleep(self._seconds / 3)

    async def keep(self) -> None:
        """Renew it until it is lost, and return then."""
        while True:
            await asyncio.sleep(self._seconds / 3)
            now = self._now()
            if not self.held:  # we were stopped, or the store gave no answer, for too long
                break
            try:
                async with asyncio.timeout(self._seconds / 3):
                    await self._leases.keep(self._name, self._seconds)
            except Exception as error:  # noqa: BLE001 - as above
                _log.warning("telegram_lease_not_renewed", error=type(error).__name__)
            else:
                self._until = now + self._seconds
        _log.warning("telegram_lease_lost")

    async def leave(self) -> None:
        """Let another process poll at once."""
        if not self.held:
            return
        self._until = float("-inf")
        try:
            await self._leases.leave(self._name)
        except Exception as error:  # noqa: BLE001 - it ends by itself
            _log.info("telegram_lease_not_left", error=type(error).__name__)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
