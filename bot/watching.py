"""Orders that were told as cancelled are read again, seconds and minutes later.

No shop system seen makes "check, then cancel" safe, and a fulfilment that ran beside our cancellation may
show only after the first reading. What then does not go with what was told is told as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.ports import OrderBackend, ShopUnreachable
from dialogs.effects import WatchOrder
from dialogs.events import Contradiction, RecordContradicts
from dialogs.late_news import contradiction

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_AGAIN = timedelta(seconds=30)
"""When a reading that the shop did not answer is repeated."""
_LONGEST = timedelta(hours=6)
"""How long the last reading is tried for, where the shop does not answer."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Looks once at an order that is watched."""

    backend: OrderBackend
    clock: Callable[[], datetime]

    async def look(self, watched: WatchOrder) -> RecordContradicts | datetime | None:
        """What contradicts what was told; or when to look again; or `None`: it stays as it was told."""
        try:
            order = await self.backend.find(watched.number)
        except ShopUnreachable:
            now = self.clock()
            if now < watched.since + watched.after[-1] + _LONGEST:
                return now + _AGAIN
            _log.error("a cancelled order could not be read again", reference=watched.reference)
            return None
        now = self.clock()
        found = contradiction(watched.told, order)
        if found is None:
            return next((at for after in watched.after if (at := watched.since + after) > now), None)
        _log.warning("the record contradicts what was told", reference=watched.reference, what=found.value)
        shown = None if found is Contradiction.GONE else order
        return RecordContradicts(
            now, watched.reference, watched.number, watched.email, found, shown, watched.proved
        )
