"""What is kept for a while only is forgotten in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.guard import Guard
from storage.store import Store

_EVERY = timedelta(minutes=10)
SEEN_FOR = timedelta(days=7)
"""How long an update that comes again is known: Telegram repeats one for a day, a browser tab for longer."""


@dataclass(slots=True)
class Housekeeping:
    """Forgets old ids of updates and old guesses, now and then."""

    store: Store
    guard: Guard
    _next: datetime | None = None

    async def tidy(self, now: datetime) -> None:
        """Do what is due. Cheap to call often."""
        if self._next is not None and now < self._next:
            return
        self._next = now + _EVERY
        await self.store.forget_seen(now - SEEN_FOR)
        await self.guard.forget()
